"""Some hours of a month of a million mails, through the code of feedback and counts, on the stage's tables in memory.

First as many mails go out and come to rest as are then measured, so that their late events (opens, complaints) are in
what is measured. No event comes twice; those that the stage has in files come in one a minute, or as many as are full.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import boto3

from bench.dynamodb import Meter, Table
from bench.dynamodb_units import size
from bench.feedback_events import body, record
from bench.feedback_mails import NOW, Mail, Said, chosen, one
from bench.feedback_world import World
from lambdas.shared.recipients import Recipients

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bench.cost_stage import Stage, Templates

STREAMS = (("transactional", 65), ("marketing", 35))
SHARDS = 4  # of a table that has just been made on demand
MINUTE = timedelta(minutes=1)
STEP = 5000  # bytes of a record that Firehose bills at once


@dataclass(kw_only=True)
class Use:
    """What was asked for, and the seconds of processor time of whom it was asked by."""

    requests: Counter[str] = field(default_factory=Counter)
    writes: float = 0.0
    reads: float = 0.0
    seconds: float = 0.0

    def add(self, meter: Meter, seconds: float = 0.0) -> None:
        self.requests += meter.requests
        self.writes += sum(units for (_, kind), units in meter.units.items() if kind == "write")
        self.reads += sum(units for (_, kind), units in meter.units.items() if kind == "read")
        self.seconds += seconds


@dataclass(kw_only=True)
class Measured:
    """Of so many mails. `alone` are events that came in no file, `steps` what Firehose bills of the others.
    `idle_count` is one run of counts with nothing to count. `bytes_sent` and `bytes_said` are what items of messages
    have before the mails' events, and by them."""

    mails: int = 0
    events: Counter[str] = field(default_factory=Counter)
    alone: int = 0
    files: int = 0
    steps: int = 0
    bytes_filed: int = 0
    sending: Use = field(default_factory=Use)
    feedback: Use = field(default_factory=Use)
    counts: Use = field(default_factory=Use)
    idle_count: Use = field(default_factory=Use)
    bytes_sent: int = 0
    bytes_said: int = 0


def measured(stage: Stage, templates: Templates, mails: int, per_minute: float, seed: int) -> Measured:
    """About so many mails, whole minutes of them."""
    half = max(1, round(mails / per_minute))
    tables = [*templates.tables(SHARDS), Table(name="plain", key=("id",))]
    world = World(tables, ANNOUNCE=stage.announce, SOFT_BOUNCES=str(stage.feedback.environment["SOFT_BOUNCES"]))
    begin = (NOW - 2 * half * MINUTE).replace(second=0)
    sent, said = traffic(stage, Random(seed), half, begin, per_minute)
    found = Measured()
    for minute in range(2 * half):
        counted = found if minute >= half else Measured()
        world.now = begin + (minute + 1) * MINUTE
        send(world, sent[minute], counted)
        hear(stage, world, said[minute], counted)
        if minute % stage.count_minutes == 0:
            count(world, counted.counts)
    count(world, Use(), at_once=True)
    count(world, found.idle_count)
    found.bytes_said = sum(size(item) for item in world.dynamodb.tables["messages"].items.values()) // 2
    found.bytes_said -= found.bytes_sent
    return found


def count(world: World, use: Use, *, at_once: bool = False) -> None:
    world.metered()
    seconds = world.count(at_once=at_once)
    use.add(world.metered(), seconds)


def traffic(
    stage: Stage, random: Random, half: int, begin: datetime, per_minute: float
) -> tuple[defaultdict[int, list[Mail]], defaultdict[int, list[tuple[Mail, Said]]]]:
    """By the minute: the mails that go out, and what SES says. What it says too late of a mail of the first half comes
    in the second, which so has as many late events as any such time."""
    sent: defaultdict[int, list[Mail]] = defaultdict(list)
    said: defaultdict[int, list[tuple[Mail, Said]]] = defaultdict(list)
    for number in range(int(2 * half * per_minute)):
        stream, minute = chosen(random, STREAMS), int(number / per_minute)
        mail = one(random, number, stream, begin + number / per_minute * MINUTE)
        sent[minute].append(mail)
        for event in mail.said:
            at = int((event.at - begin) / MINUTE)
            if event.kind in stage.published[stream]:
                said[half + at % half if minute < half <= at else at].append((mail, event))
    return sent, said


def send(world: World, mails: list[Mail], found: Measured) -> None:
    recipients = Recipients(boto3.resource("dynamodb").Table("recipients"))
    world.metered()
    found.mails += len(mails)
    for mail in mails:
        recipients.get(mail.recipients[0])
        world.send(mail)
        found.bytes_sent += size(world.dynamodb.tables["messages"].items[mail.id,])
    found.sending.add(world.metered())


def hear(stage: Stage, world: World, events: list[tuple[Mail, Said]], found: Measured) -> None:
    seconds = 0.0
    filed: list[dict[str, Any]] = []
    for mail, said in events:
        found.events[said.kind] += 1
        one = record(body(mail, said), 0)
        if said.kind in stage.filed:
            filed.append(one)
        else:
            found.alone += 1
            seconds += world.feedback([one])
    for records in full(filed, stage.file_megabytes * 1024 * 1024):
        found.files += 1
        found.steps += sum(-(-length(one) // STEP) for one in records)
        found.bytes_filed += sum(map(length, records))
        seconds += world.feedback([world.filed(records)])
    found.feedback.add(world.metered(), seconds)


def full(records: list[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    """As they go into files of that size."""
    gathered: list[dict[str, Any]] = []
    held = 0
    for event in records:
        gathered.append(event)
        held += length(event)
        if held >= size:
            yield gathered
            gathered, held = [], 0
    if gathered:
        yield gathered


def length(record: dict[str, Any]) -> int:
    """Of the line that is the event."""
    return len(json.loads(record["body"])["Message"].encode()) + 1
