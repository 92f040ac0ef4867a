import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.process import main
from local.server import AlreadyRunning, NotStarted, running
from tests.integration.local.conftest import Aws, until

HANGS = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def handler(event, context):
    with open(event["tell"], "w") as file:
        file.write(str(os.getpid()))
    time.sleep(600)
"""


LINUX = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads what Linux tells under /proc")


def alive(pid):
    """A process that has ended but was not waited for (state Z) is none."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().split()[2] != "Z"


def test_it_is_reachable_and_its_file_is_there_exactly_while_it_is_up(tmp_path):
    with running(tmp_path) as up:
        written = json.loads((tmp_path / "local.json").read_text())
        assert written == {
            "endpoint": up.endpoint,
            "smtp_port": up.smtp_port,
            "submission_port": up.submission_port,
            "certificate": str(tmp_path / "smtp.pem"),
            "outbox": str(tmp_path / "outbox"),
            "account": "000000000000",
            "region": "us-east-1",
            "access_key_id": up.access_key_id,
            "secret_access_key": up.secret_access_key,
            "pid": up.pid,
            "standins": up.standins,
        }
        assert (tmp_path / "local.json").stat().st_mode & 0o077 == 0
        with closing(urllib.request.urlopen(f"{up.endpoint}/_ministack/health")) as answer:
            assert json.load(answer)["auth"] == "enabled"
        with pytest.raises(AlreadyRunning, match=f"process {up.pid}"), running(tmp_path):
            pass
    assert not (tmp_path / "local.json").exists()
    assert not alive(up.pid)
    until(lambda: not any(map(answers, up.standins.values())))


def answers(base):
    try:
        socket.create_connection(("127.0.0.1", urlsplit(base).port)).close()
    except ConnectionRefusedError:
        return False
    return True


@LINUX
def test_it_listens_on_this_machine_alone(bare):
    bases = (bare.up.endpoint, *bare.up.standins.values())
    ports = (*(int(base.rpartition(":")[2]) for base in bases), bare.up.smtp_port)
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    addresses = {line[1] for line in listening if line[3] == "0A" and int(line[1].split(":")[1], 16) in ports}
    assert addresses == {f"0100007F:{port:04X}" for port in ports}


def test_a_function_that_hangs_does_not_outlive_it(tmp_path):
    told = tmp_path / "pid"
    with running(tmp_path / "state") as up, closing(Aws(up)) as aws:
        template = json.loads(Path(__file__).with_name("functions.template.json").read_text())
        kept = {name: template["Resources"][name] for name in ("Role", "Probe", "Queue", "DeadLetters")}
        kept["Probe"]["Properties"]["Code"]["ZipFile"] = HANGS
        name = aws.deploy(
            "Hanging", json.dumps({"Resources": kept, "Outputs": {"Probe": template["Outputs"]["Probe"]}})
        )
        call = {"FunctionName": name["Probe"], "InvocationType": "Event", "Payload": json.dumps({"tell": str(told)})}
        aws.lambda_client.invoke(**call)
        until(lambda: told.exists() and told.read_text())
        assert alive(int(told.read_text()))
    until(lambda: not alive(int(told.read_text())))
    assert not alive(up.pid)


def test_it_ends_with_whoever_started_it(tmp_path):
    script = f"""
import sys, time
from pathlib import Path
from local.process import main
from local.server import running
with running(Path({str(tmp_path)!r})) as up:
    print(up.pid, flush=True)
    time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    with parent:
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    until(lambda: not alive(pid))
    assert not (tmp_path / "local.json").exists()


def test_what_kept_it_from_starting_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NotStarted, match="Address already in use"), running(tmp_path, port=port):
            pass


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox" / "mine").write_text("")
    with pytest.raises(SystemExit, match="holds other things"):
        main(["--folder", str(tmp_path)])
    assert (tmp_path / "outbox" / "mine").exists()


def test_one_can_start_where_another_was_killed(tmp_path):
    (tmp_path / "local.json").write_text(
        json.dumps(
            dict.fromkeys(("endpoint", "smtp_port", "account", "region", "access_key_id", "secret_access_key"), "")
            | {"outbox": "", "pid": 2**22 + 1}
        )
    )
    with running(tmp_path) as up:
        assert alive(up.pid)
