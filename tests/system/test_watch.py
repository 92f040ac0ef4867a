"""What becomes of mails, seen as it happens."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest

from local.outside import until

MAILROOM = Path(sys.executable).with_name("mailroom")


@pytest.fixture
def watching(outside, folder):
    """`mailroom watch --json`, once it watches: the process, and the queue of what it prints."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        [str(MAILROOM), "watch", "--json"], cwd=folder, env=environment, text=True, **pipes
    ) as process:
        try:
            assert process.stderr.readline() == "Watching stage local; Ctrl-C ends it.\n"
            printed = Queue()
            Thread(target=lambda: [printed.put(json.loads(line)) for line in process.stdout], daemon=True).start()
            yield process, printed
        finally:
            process.kill()


def test_events_are_shown_as_they_come_without_addresses_until_ctrl_c(outside, watching):
    process, printed = watching
    seen = []

    def kinds():
        while not printed.empty():
            seen.append(printed.get())
        return [news["kind"] for news in seen if news["recipient"] == "…@simulator.amazonses.com"]

    outside.put("UserSignedUp", {"email": "bounce+watched@simulator.amazonses.com", "request_id": "watched"})
    until(lambda: "Bounce" in kinds(), "the bounce on the screen")
    assert kinds() == ["Send", "Bounce"]
    bounce = seen[-1]
    assert (bounce["stream"], bounce["template"]) == ("transactional", "verification")
    assert (bounce["facts"]["type"], bounce["facts"]["subtype"]) == ("Permanent", "General")
    assert "watched" not in json.dumps(seen)
    process.send_signal(signal.SIGINT)
    process.wait(10)
    assert (process.returncode, process.stderr.read()) == (0, "")
