"""Writes docs/first-hour-transcript.md: the first hour with a fresh stage, each command carried out. `make transcript`.

It runs in a copy of the checkout, against an embedded AWS that begins as a new account does (in the sandbox, with no
identity) and a DNS zone that begins as that of a company with mail elsewhere. A command that ends with another status
than it should ends it all, and nothing is written. What is different each time is masked: this machine's paths and
ports, times, random ids.
"""

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from local.server import Running, running
from local.storm import turn
from tests.zone import AMAZON, serving

ROOT = Path(__file__).parent.parent
REGION, DOMAIN, MIA = "eu-west-1", "acme.com", "mia@example.org"
COPIED = ("Makefile", "app.py", "cdk.json", "package-lock.json", "package.json", "pyproject.toml", "requirements.txt")
FOLDERS = ("cli", "docs", "infra", "lambdas", "local", "templates")
LINKED = (".cache", "node_modules")
SERVED = f"""
{DOMAIN} MX 1 aspmx.l.google.com
{DOMAIN} TXT "v=spf1 include:_spf.google.com ~all"
_spf.google.com TXT "v=spf1 ip4:192.0.2.0/24 -all"
{AMAZON}
"""
# What the CDK's CLI is told beside its command: that functions run on this machine, and that nobody is asked.
CDK = '{"context": {"bundle": "host"}, "requireApproval": "never", "notices": false}'
QUIET = {
    "CDK_DISABLE_CLI_TELEMETRY": "true",
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
    "CI": "1",
    "NO_COLOR": "1",
}
HELLO = f"""\
From: Mia <{MIA}>
To: support@help.{DOMAIN}
Subject: Where is my parcel?
Message-ID: <1@example.org>

Hello, it should have come on Tuesday. Mia
"""
USE_CASE = "Customers of our shop get receipts and codes that they have just asked for, about 300 a day."
# Of the CDK's output these lines are kept; of a deployment there are a thousand.
KEPT = re.compile(r"cdk |✅|Mailroom-shop-\w+: deploying")
# Each as long as what it masks, so that no table is shifted.
MASKS = (
    (re.compile(r"(127\.0\.0\.1(?::| port ))\d{5}"), r"\g<1>43041"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"), "2026-11-22 10:00"),
    (re.compile(r"(?<=10:00):\d\d"), ":00"),
    (re.compile(r"((?:storage-mail|feedback-filesbucket)[0-9a-f]{8}-)[0-9a-f]{13}"), r"\g<1>0123456789abc"),
    (re.compile(r"\b(?=[a-z]*[2-7])[a-z2-7]{26}\b"), "fz6bkbnmvttdynetypiiyq4mry"),
    (re.compile(r"(?<= OK )[a-z0-9]{40}\b"), "0q2n4b6v8c1x3z5l7k9j0h2g4f6d8s1a3p5o7i9u"),
    (re.compile(r"(?<=support case )\d{15}"), "170000000001234"),
    (re.compile(r"after \d+ seconds"), "after 2 seconds"),
    (re.compile(r"\d+ minutes? ago"), "less than a minute ago"),
)
LATE = 60  # seconds
WRITTEN = "<!-- `make transcript` writes this. -->\n"


class Failed(SystemExit):
    """A command did not end as it should; the message has all that it said."""


@dataclass(kw_only=True)
class Transcript:
    """`folder` is the copy of the checkout; `environment` leads to the embedded AWS and the DNS zone."""

    folder: Path
    environment: dict[str, str]
    text: list[str] = field(default_factory=lambda: [WRITTEN])

    def say(self, text: str) -> None:
        self.text.append(f"{text.strip()}\n")

    def run(self, command: str, *, status: int = 0, brief: bool = False) -> str:
        """Carry a command out, and write down what it prints; gives that."""
        said = self._done(command.replace("make ", "make --assume-old=.cache/installed "), status)
        self._write(command, shortened(said) if brief else said, status)
        return said

    def run_until(self, command: str, word: str) -> None:
        """The same, again until it says the word."""
        deadline = time.monotonic() + LATE
        while word not in (said := self._done(command, 0)):
            if time.monotonic() > deadline:
                raise Failed(f"$ {command}\n{said}\nThis does not say {word!r} after {LATE} seconds.")
        self._write(command, said, 0)

    def converse(self, command: str, *answers: str) -> None:
        """A command that asks: on a terminal, which shows what is typed."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            shlex.split(command), cwd=self.folder, env=self.environment, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        left, said = [*answers], b""
        while piece := read(ours):
            said += piece
            if left and said.endswith((b": ", b":")):
                os.write(ours, f"{left.pop(0)}\n".encode())
        os.close(ours)
        self._check(command, said.decode(), process.wait(), 0)
        self._write(command, said.decode().replace("\r\n", "\n"), 0)

    def _done(self, command: str, status: int) -> str:
        done = subprocess.run(
            shlex.split(command),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self._check(command, done.stdout, done.returncode, status)
        return done.stdout

    def _check(self, command: str, said: str, status: int, expected: int) -> None:
        if status != expected:
            raise Failed(f"$ {command}\n{said}\nThis ended with status {status}, and not with {expected}.")

    def _write(self, command: str, said: str, status: int) -> None:
        lines = [f"$ {command}", *(line.rstrip() for line in masked(said, self.folder).strip("\n").split("\n"))]
        lines += [f"[exit status {status}]"] if status else []
        self.text.append("```console\n{}\n```\n".format("\n".join(lines)))


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # what Linux says once the other side is closed
        return b""


def masked(said: str, folder: Path) -> str:
    said = said.replace(str(folder), "~/mailroom")
    for mask, shown in MASKS:
        said = mask.sub(shown, said)
    return said


def shortened(said: str) -> str:
    """The lines that are kept, and a mark for each run of others."""
    shown: list[str] = []
    for line in said.splitlines():
        if KEPT.search(line):
            shown.append(line.strip())
        elif shown[-1:] != ["…"]:
            shown.append("…")
    return "\n".join(shown)


def copied(folder: Path) -> Path:
    for name in COPIED:
        shutil.copy2(ROOT / name, folder / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    (folder / ".cdk.json").write_text(CDK)
    (folder / "hello.eml").write_text(HELLO)
    (folder / "use-case.txt").write_text(USE_CASE)
    return folder


def environment(folder: Path, aws: Running, zone: str) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT / ".venv" / "bin"), os.environ["PATH"]])
    own = {"HOME": str(folder), "PATH": path, "PYTHONPATH": str(folder), "LANG": "C.UTF-8", "COLUMNS": "110"}
    return own | QUIET | aws.environment() | {"MAILROOM_DNS": zone}


def first_hour(aws: Running, zone, transcript: Transcript) -> None:
    turn(aws, "account", sandbox=True, max_rate=1, max_24_hours=200, new_identities="PENDING", review="PENDING")
    transcript.say(INTRODUCTION)
    transcript.say("## 1. A stage")
    transcript.converse("mailroom init", "shop", DOMAIN, "", "", "", "", "", f"operations@{DOMAIN}", "")
    transcript.say("## 2. What is missing")
    transcript.run("mailroom --stage shop dns", status=1)
    transcript.run("mailroom --stage shop doctor", status=1)
    transcript.say("## 3. Deployed")
    transcript.run("make bootstrap STAGE=shop", brief=True)
    transcript.run("make deploy STAGE=shop", brief=True)
    transcript.say("## 4. The DNS records\n\nSES has made the keys, so now all of them are known.")
    said = transcript.run("mailroom --stage shop dns --zone")
    transcript.say("They go to whoever keeps the zone. Once SES has seen them, AWS mails so.")
    zone.replace(SERVED + "\n".join(line for line in said.splitlines() if not line.startswith(";")))
    turn(aws, "identity", name=DOMAIN, verified=True)
    transcript.run("mailroom --stage shop dns")
    transcript.say("## 5. A mail to ourselves")
    transcript.run("mailroom --stage shop doctor --send", status=3)
    transcript.say("## 6. A mail in an inbox")
    transcript.run(f"mailroom --stage shop sandbox verify {MIA}")
    transcript.say("Mia opens the link that AWS has mailed to her.")
    turn(aws, "identity", name=MIA, verified=True)
    transcript.run(
        f"mailroom --stage shop send notice --to {MIA} --set title=Hello --set 'text=Our first mail.' --key first"
    )
    transcript.run_until("mailroom --stage shop messages", "delivered")
    transcript.say(f"## 7. A ticket\n\nMia writes to support@help.{DOMAIN}; on a laptop her mail is a file.")
    transcript.run(f"mailroom --stage shop deliver hello.eml --to support@help.{DOMAIN}")
    transcript.run_until("mailroom --stage shop tickets", "parcel")
    transcript.say("## 8. Out of the sandbox")
    transcript.run("mailroom --stage shop sandbox request --use-case-file use-case.txt --yes")


INTRODUCTION = f"""
# The first hour, as it went

[first-hour.md](first-hour.md) explains the steps; here is what they look like. `make transcript` carries all of it out
again and writes this page anew, in two minutes: on the [laptop's AWS](local.md) as a new account in {REGION}, with a
DNS of its own, and with `mailroom` and the CDK's CLI as you have them. What was different each time is masked: paths,
ports, times, ids; `…` stands for lines that are left out.

In an account of AWS you see the same, but for this: the doctor's first line names the account; `make deploy` asks
before it makes permissions, and takes some ten minutes; the alarms' address has to be confirmed; SES takes minutes, at
worst hours, to see new records; and the doctor's `probe-dkim` says what SES has signed, which nobody does on a laptop.
"""


def main(target: Path) -> None:
    with ExitStack() as stack:
        folder = copied(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mailroom-"))))
        aws = stack.enter_context(running(folder / ".mailroom", region=REGION))
        zone = stack.enter_context(serving(SERVED))
        transcript = Transcript(folder=folder, environment=environment(folder, aws, zone.address))
        first_hour(aws, zone, transcript)
    target.write_text("\n".join(transcript.text))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
