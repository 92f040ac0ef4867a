"""Many received mails through the deployed system while `inbound` gets killed: for bench/inbound.py and
tests/system/test_inbound_chaos.py. Each mail must have got one outcome, however often it was handed in."""

import re
import smtplib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from lambdas.shared.bucket import RAW, ses_id_of
from lambdas.shared.tickets.items import delivery_of
from local.killing import executions, killing
from local.outside import Outside, until

SUPPORT = "support@acme.test"
MARK = re.compile(rb"Return-Path: <mail-(\d+)@example\.org>")
DOCUMENTS = {".json", ".jsonl", ".md", ".py", ".txt"}
LINE = 998  # octets


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of the mails. `lost` have no outcome; `twice` are in a ticket, or tickets, twice; `dead` counts dead
    letters beside those of mails that nobody can read; `seconds` passed until the last outcome; `megabytes` is the most
    that one execution of the function had in memory."""

    mails: int
    handed_in: int
    outcomes: Counter[str]
    lost: int
    twice: int
    dead: int
    killed: int
    seconds: float
    megabytes: float


def mails_in(folder: Path) -> list[Path]:
    """The mails under a folder that SMTP takes: files that are no document of another kind, without longer lines than
    RFC 5321 section 4.5.3.1.6 allows."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in DOCUMENTS)
    mails = (path for path in files if not path.name.startswith(("LICENSE", ".")))
    return sorted(path for path in mails if max(map(len, lines(path.read_bytes()))) <= LINE)


def lines(raw: bytes) -> list[bytes]:
    return raw.replace(b"\r\n", b"\n").split(b"\n")


@dataclass(kw_only=True)
class PostBag:
    """`mails` are delivered in a random order, each tenth twice; an execution of `inbound` is killed every
    `kill_seconds` on average, 0: never."""

    outside: Outside
    mails: list[Path]
    seed: int
    kill_seconds: float
    patience: float = 600

    def run(self) -> Verdict:
        bag = list(enumerate(self.mails))
        dice = Random(self.seed)  # noqa: S311 - dice, no secret
        bag += dice.sample(bag, len(bag) // 10)
        dice.shuffle(bag)
        function = self.outside.outputs["InboundFunction"]
        started, memory = time.monotonic(), [0]

        def all_out() -> bool:
            memory.append(max(executions(self.outside.aws, function).values(), default=0))
            return len(self._deliveries()) >= len(bag)

        with killing(self.outside.aws, function, seconds=self.kill_seconds, seed=self.seed) as killed:
            for number, path in bag:
                self._hand_in(number, path.read_bytes())
            until(all_out, "every mail has an outcome", seconds=self.patience, pause=0.5)
        seconds = time.monotonic() - started
        until(lambda: not self.outside.waiting("InboundQueue"), "the queue is empty", seconds=self.patience, pause=0.5)
        return self._verdict(len(bag), len(killed), seconds, max(memory) / 1024)

    def _hand_in(self, number: int, raw: bytes) -> None:
        """The envelope's sender tells which mail it is."""
        with smtplib.SMTP("127.0.0.1", self.outside.aws.smtp_port, timeout=60) as door:
            door.ehlo("mx.example.org")
            door.sendmail(f"mail-{number}@example.org", [SUPPORT], b"\r\n".join(lines(raw)))

    def _deliveries(self) -> dict[str, Any]:
        """The mails that have an outcome, by SES's id."""
        found = (item for item in self.outside.items("TicketsTable") if item["sk"] == "DELIVERY")
        return {delivery.ses_id: delivery for delivery in map(delivery_of, found)}

    def _numbers(self) -> Iterator[tuple[str, int]]:
        """(SES's id, which mail) of all raw mails, by the Return-Path that SES writes on top."""
        s3, bucket = self.outside.client("s3"), self.outside.outputs["MailBucket"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=RAW):
            for item in page.get("Contents", ()):
                raw = s3.get_object(Bucket=bucket, Key=item["Key"], Range="bytes=0-999")["Body"].read()
                if found := MARK.match(raw):  # not SES's own set-up notification
                    yield ses_id_of(item["Key"]), int(found[1])

    def _verdict(self, handed_in: int, killed: int, seconds: float, megabytes: float) -> Verdict:
        deliveries, numbers = self._deliveries(), dict(self._numbers())
        items = self.outside.items("TicketsTable")
        in_tickets = Counter(numbers[item["id"]] for item in items if item["sk"].startswith("MESSAGE#"))
        outcomes = Counter(delivery.outcome for delivery in deliveries.values())
        return Verdict(
            mails=len(self.mails),
            handed_in=handed_in,
            outcomes=outcomes,
            lost=handed_in - len(deliveries.keys() & numbers.keys()),
            twice=sum(times > 1 for times in in_tickets.values()),
            dead=self.outside.waiting("InboundDeadLetters") - outcomes["unreadable"],
            killed=killed,
            seconds=seconds,
            megabytes=megabytes,
        )
