"""Damaged real mail against the parser: `make fuzz`, or `python -m bench.fuzz --cases 1000000 --mails FOLDER`.

A case is made of the seed and its number alone, so that `--seed S --only N` repeats it on any machine with the same
mails. What is a find:

    an exception that is not Unreadable        a process that dies         more than SECONDS of processor time
    an answer that JSON or UTF-8 cannot hold   an answer that a rule of `broken` forbids
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import shlex
import signal
import time
import traceback
from multiprocessing import connection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.mutations import damaged
from cli.parse import data
from lambdas.shared.mail import limits
from lambdas.shared.mail.mail import Unreadable
from lambdas.shared.mail.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.process import BaseProcess
    from multiprocessing.sharedctypes import Synchronized
    from types import FrameType

    from lambdas.shared.mail.mail import Mail

OWN = Path(__file__).parent.parent / "tests" / "mail"
SECONDS = 2.0  # a case has 60 kB at most, of which an honest mail takes milliseconds
EVERY = 60  # seconds between two lines that say how far it is
_FORK = multiprocessing.get_context("fork")  # the mails are read once
_KINDS = ("mail", "bounce", "delay", "complaint", "auto-reply", "list")
_STATUS = re.compile(r"(?:[245]\.\d{1,3}\.\d{1,3})?")
_BREAKS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class TooSlow(Exception):
    """A case took more than SECONDS."""


@click.command()
@click.option("--cases", type=click.IntRange(1), default=20_000, show_default=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Other seeds make other cases.")
@click.option("--only", type=click.IntRange(0), help="This case alone, here, with its traceback.")
@click.option(
    "--mails",
    "folders",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    default=[OWN],
    help="A folder of .eml and .txt files to damage, its subfolders too; more than once.  [default: tests/mail]",
)
@click.option("--processes", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True, help="At a time.")
@click.option("--finds", type=click.Path(path_type=Path), default=Path(".cache/fuzz"), show_default=True,
              help="Where a find is written.")  # fmt: skip
def main(*, cases: int, seed: int, only: int | None, folders: tuple[Path, ...], processes: int, finds: Path) -> None:
    """Damage mails, parse them, and print cases, finds and cases a second. Exit status 1 where there are finds."""
    mails = list(read(folders))
    if not mails:
        raise click.UsageError("No .eml or .txt file in " + ", ".join(str(folder) for folder in folders))
    if only is not None:
        raw = damaged(mails, random.Random(f"{seed}/{only}"))
        (finds / f"{seed}-{only}.eml").parent.mkdir(parents=True, exist_ok=True)
        (finds / f"{seed}-{only}.eml").write_bytes(raw)
        click.echo(tried(raw) or "no find")
        return
    again = shlex.join(
        ["python", "-m", "bench.fuzz", "--seed", str(seed), *(f"--mails={folder}" for folder in folders)]
    )
    begun = time.monotonic()
    found = Run(mails=mails, seed=seed, cases=cases, finds=finds, again=again).all(processes)
    seconds = time.monotonic() - begun
    click.echo(f"{cases} cases of {len(mails)} mails, {found} finds, {cases / seconds:.0f} cases a second")
    if found:
        click.echo(f"Each find is in {finds}: a mail, and beside it what happened and what to do.")
        raise SystemExit(1)


def read(folders: tuple[Path, ...]) -> Iterator[bytes]:
    """The mails; of a text file, a mail with that body."""
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        if path.suffix == ".eml":
            yield path.read_bytes()
        elif path.suffix == ".txt":
            yield (
                b"From: mia@example.org\nSubject: Re: x\nContent-Type: text/plain; charset=utf-8\n\n"
                + path.read_bytes()
            )


def tried(raw: bytes) -> str | None:
    """What is wrong with the answer to these bytes; None where all is well."""
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        mail = parse(raw)
        wrong = broken(raw, mail)
        json.dumps(data(mail), ensure_ascii=False).encode()
    except Unreadable:
        return None
    except Exception:  # whatever it is, it is the find
        return traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return "\n".join(wrong)


def broken(raw: bytes, mail: Mail) -> list[str]:
    """What no mail may say, however damaged."""
    ids = (*([mail.message_id] if mail.message_id else []), *mail.in_reply_to, *mail.references)
    size = sum(attachment.size for attachment in mail.attachments)
    lines = (mail.subject, *(address.name + address.email for address in (*mail.to, *mail.cc)))
    rules = {
        f"the kind is {mail.kind!r}": mail.kind not in _KINDS,
        f"attachments have {size} bytes, the mail {len(raw)}": size > len(raw),
        "an attachment's size is not that of its content": any(
            attachment.size != len(attachment.content) for attachment in mail.attachments
        ),
        "a file name with a control character": any(_BREAKS.search(one.filename) for one in mail.attachments),
        "an id with a blank or a bracket": any(re.search(r"[\s<>]", one) or not one for one in ids),
        "a header value with a line end": any(_BREAKS.search(line) for line in lines),
        "more failed recipients than are read": len(mail.bounces) > limits.BOUNCES,
        "a recipient without a name": any(not bounced.recipient for bounced in mail.bounces),
        "a status that is none": any(not _STATUS.fullmatch(bounced.status) for bounced in mail.bounces),
        "failed recipients of what is no bounce": bool(mail.bounces) and mail.kind not in ("bounce", "delay"),
        "a delay that is permanent": mail.kind == "delay" and any(bounced.permanent for bounced in mail.bounces),
        "a mark of the layout in the new text": bool(re.search(r"[\x01\x02]", mail.reply + (mail.signature or ""))),
        "new text where there is no text": mail.text is None and bool(mail.reply or mail.signature),
    }
    return [f"A rule is broken: {what}" for what, true in rules.items() if true]


class Run:
    """The cases, shared out to processes: a process that dies is a find too, and another goes on behind that case."""

    def __init__(self, *, mails: list[bytes], seed: int, cases: int, finds: Path, again: str) -> None:
        self.mails, self.seed, self.cases, self.finds, self.again = mails, seed, cases, finds, again
        self.processes: list[BaseProcess] = []
        self.at: list[Synchronized[int]] = []  # the case that each process is at
        self.found: Synchronized[int] = _FORK.Value("q", 0)

    def all(self, processes: int) -> int:
        """Run all cases; the number of finds."""
        self.at = [_FORK.Value("q", first) for first in range(processes)]
        self.processes = [self.start(number) for number in range(processes)]
        told = time.monotonic()
        while alive := [process for process in self.processes if process.is_alive()]:
            connection.wait([process.sentinel for process in alive], timeout=EVERY)
            for number, process in enumerate(self.processes):
                if process.exitcode:
                    self.died(number, process.exitcode)
            if time.monotonic() - told >= EVERY:
                told = time.monotonic()
                click.echo(f"{min(place.value for place in self.at)} cases, {self.found.value} finds")
        return int(self.found.value)

    def start(self, number: int) -> BaseProcess:
        process = _FORK.Process(target=self.some, args=(self.at[number], len(self.at), self.found))
        process.start()
        return process

    def died(self, number: int, code: int) -> None:
        self.write(self.at[number].value, f"The process ended with {code}.")
        self.found.value += 1
        self.at[number].value += len(self.at)
        self.processes[number] = self.start(number)

    def some(self, at: Synchronized[int], step: int, found: Synchronized[int]) -> None:
        """Every `step`-th case from `at` on, in this process."""
        signal.signal(signal.SIGVTALRM, too_slow)
        while at.value < self.cases:
            wrong = tried(damaged(self.mails, random.Random(f"{self.seed}/{at.value}")))
            if wrong:
                self.write(at.value, wrong)
                with found.get_lock():
                    found.value += 1
            at.value += step

    def write(self, case: int, wrong: str) -> None:
        """The find's mail and, beside it, what happened and what to do."""
        self.finds.mkdir(parents=True, exist_ok=True)
        path = self.finds / f"{self.seed}-{case}.eml"
        path.write_bytes(damaged(self.mails, random.Random(f"{self.seed}/{case}")))
        path.with_suffix(".txt").write_text(
            f"{wrong}\n\nRepeat it:   {self.again} --only {case}\n"
            "Take away of the mail what it does not need, mend the parser, and add what is left as a test beside\n"
            "tests/unit/lambdas/shared/mail/test_any_bytes.py, with the literal answer.\n",
            encoding="utf-8",
        )


def too_slow(_: int, frame: FrameType | None) -> None:
    raise TooSlow(f"more than {SECONDS} s of processor time, now in {frame.f_code.co_name if frame else 'C'}")


if __name__ == "__main__":
    main()
