"""Start the embedded AWS as a process of its own, and end it with everything it started."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

_START_SECONDS = 60
_STOP_SECONDS = 8
_ROOT = Path(__file__).parent.parent


class NotStarted(Exception):
    """It did not come up; the message holds the end of its log. AlreadyRunning: another one uses this folder."""


class AlreadyRunning(NotStarted):
    pass


@dataclass(frozen=True, kw_only=True)
class Running:
    """`smtp_port` takes mail that comes in, `submission_port` mail to be sent, with the certificate in that file.
    `standins` has the address of each stand-in on this machine, by its name: jira, zendesk, hook."""

    endpoint: str
    smtp_port: int
    submission_port: int
    certificate: Path
    outbox: Path
    account: str
    region: str
    access_key_id: str
    secret_access_key: str
    pid: int
    log: Path
    standins: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """What an AWS SDK, the AWS CLI or the CDK CLI needs to talk to it instead of to AWS."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def running(
    folder: Path, *, region: str = "us-east-1", port: int = 0, smtp_port: int = 0, submission_port: int = 0
) -> Iterator[Running]:
    """The embedded AWS, up while the block runs. `folder` keeps its state, its log and local.json.

    Raises NotStarted, or AlreadyRunning where `folder` is in use by another one.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    _refuse_second(folder)
    log = folder / "local.log"
    command = [sys.executable, "-m", "local.process", "--with-parent", "--folder", str(folder), "--region", region]
    command += ["--port", str(port), "--smtp-port", str(smtp_port), "--submission-port", str(submission_port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; its group is what we end at last
        )
    try:
        yield _ready(process, folder, log)
    finally:
        _end(process)
        (folder / "local.json").unlink(missing_ok=True)


def read(folder: Path) -> Running | None:
    """The one that is up with this folder, if any."""
    written = _written(folder)
    if written is None:
        return None
    paths = {name: Path(written[name]) for name in ("outbox", "certificate")}
    return Running(**{**written, **paths, "log": folder / "local.log"})


def _written(folder: Path) -> dict[str, Any] | None:
    try:
        written: dict[str, Any] = json.loads((folder / "local.json").read_text())
    except FileNotFoundError:
        return None
    return written


def _refuse_second(folder: Path) -> None:
    """One that was killed may have been of another version: only its process id is looked at."""
    found = _written(folder)
    if found is None:
        return
    with suppress(ProcessLookupError):
        os.kill(found["pid"], 0)
        raise AlreadyRunning(f"Another one is up with {folder} (process {found['pid']}); stop it first.")
    (folder / "local.json").unlink()


def _ready(process: "subprocess.Popen[bytes]", folder: Path, log: Path) -> Running:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := read(folder):
            return found
        time.sleep(0.02)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
    raise NotStarted(f"The embedded AWS did not come up. Its log, {log}, ends:\n{tail}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask, wait, then kill the whole group: a function that hangs must not outlive us."""
    stdin: IO[bytes] | None = process.stdin
    if stdin:
        stdin.close()
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
