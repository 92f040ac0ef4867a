"""One deployed system for all these tests, reached only as the world reaches it."""

import contextlib
import fcntl
import http.client
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from click.testing import CliRunner

from cli.main import mailroom as command
from local.deploy import deploy, synthesise
from local.outside import Outside
from local.server import running
from local.storm import turn

MAILROOM = Path(sys.executable).with_name("mailroom")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A working folder of its own, so that a `make up` beside the tests is not in the way."""
    return tmp_path_factory.mktemp("system")


@pytest.fixture(scope="session")
def assembly(tmp_path_factory):
    """The stacks, synthesised once for all systems that these tests deploy, whichever process they run in."""
    own = tmp_path_factory.getbasetemp()
    made = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "assembly"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            synthesise(half := made.with_name("half-made"))
            half.rename(made)
    return made


@pytest.fixture(scope="session")
def outside(folder, assembly):
    with running(folder / ".mailroom") as aws:
        deploy(aws, assembly=assembly)
        yield Outside(aws, "local")


@pytest.fixture(scope="session")
def api(outside):
    """Calls the API: `api("POST", "/messages", {...}, key="k")` gives the status and the answer."""

    def call(method, path, body=None, *, key=None, credentials=None):
        url = outside.outputs["PagesUrl"] + path
        headers = {"Host": urlsplit(url).netloc} | ({"Idempotency-Key": key} if key else {})
        request = AWSRequest(method=method, url=url, data=json.dumps(body) if body else "", headers=headers)
        if credentials is not False:
            signer = SigV4Auth(credentials or outside.session.get_credentials(), "execute-api", outside.aws.region)
            signer.add_auth(request)
        return exchange(request.prepare(), urlsplit(url).port)

    return call


def exchange(request, port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(request.method, urlsplit(request.url).path, request.body, dict(request.headers))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.fixture(scope="session")
def mailroom(outside, folder):
    """Runs the `mailroom` command; gives what it printed, parsed where --json was asked for. `given` is its standard
    input, with --json.

    What is read as JSON is asked for again and again while a test waits for something: that runs in this process, for a
    new one spends most of its time on imports.
    """

    def run(*arguments, status=0, given=""):
        if "--json" in arguments:
            with contextlib.chdir(folder):
                read = CliRunner().invoke(command, arguments, input=given)
            assert read.exit_code == status, f"{arguments}: {read.output}"
            return json.loads(read.stdout) if read.stdout else read.stderr
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
        done = subprocess.run(
            [str(MAILROOM), *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == status, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    return run


@pytest.fixture(scope="session")
def knob(outside):
    """Turns a knob of the embedded SES: `knob("events", copies=2)`."""

    def run(name, /, **asked):
        turn(outside.aws, name, **asked)

    return run


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Runs headless Chromium on a page: `browser(path, "--dump-dom")` gives what it printed."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.skip(f"no browser to look at pages with: none of {', '.join(BROWSERS)} is on the PATH")
    profile = tmp_path_factory.mktemp("profile")

    def run(page, *options):
        command = [
            found,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={profile}",
        ]
        # Sandboxed frames in processes of their own are often not painted yet when the picture is taken; nor, on a busy
        # machine, is all of a page.
        command += ["--disable-features=IsolateSandboxedIframes", "--run-all-compositor-stages-before-draw"]
        command += ["--virtual-time-budget=3000", *options, page.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    return run
