"""One deployed system for all these tests, reached only as the world reaches it."""

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.deploy import deploy
from local.outside import Outside
from local.server import running

MAILROOM = Path(sys.executable).with_name("mailroom")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A working folder of its own, so that a `make up` beside the tests is not in the way."""
    return tmp_path_factory.mktemp("system")


@pytest.fixture(scope="session")
def outside(folder):
    with running(folder / ".mailroom") as aws:
        deploy(aws)
        yield Outside(aws, "local")


@pytest.fixture(scope="session")
def mailroom(outside, folder):
    """Runs the `mailroom` command; gives what it printed, parsed where --json was asked for."""

    def run(*arguments, status=0):
        command = [str(MAILROOM), *arguments]
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == status, f"{arguments}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout) if "--json" in arguments else done.stdout + done.stderr

    return run


@pytest.fixture(scope="session")
def knob(outside):
    """Turns a knob of the embedded SES: `knob("events", copies=2)`."""

    def turn(name, **asked):
        connection = http.client.HTTPConnection("127.0.0.1", int(outside.aws.endpoint.rpartition(":")[2]), timeout=60)
        connection.request("PUT", f"/_mailroom/{name}", json.dumps(asked))
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        connection.close()

    return turn
