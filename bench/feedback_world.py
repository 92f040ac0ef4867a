"""The functions' own code on tables in memory: the outbox's part of the messages table, feedback, counts."""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer

from bench.dynamodb import DynamoDb, Meter, Table
from bench.dynamodb_stream import Stream
from bench.feedback_events import record
from bench.feedback_expected import Cell, Entry, Recipient
from bench.feedback_mails import NOW
from lambdas.shared.messages import EVENT, Messages, Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.feedback_mails import Mail

SHARDS = 4  # partitions that a table on demand begins with
STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/messages/stream/2026-11-01T00:00:00.000"
COUNT = {"id": "1", "detail-type": "Count", "time": "2026-11-22T12:00:00Z"}
ENVIRONMENT = {
    "MESSAGES_TABLE": "messages",
    "RECIPIENTS_TABLE": "recipients",
    "COUNTS_TABLE": "counts",
    "PLAIN_TABLE": "plain",
    "MESSAGES_STREAM_ARN": STREAM,
    "BUS_NAME": "mailroom",
    "EVENTS_BUCKET": "events",
    "ANNOUNCE": "[]",
    "SOFT_BOUNCES": '{"most": 5, "days": 14}',
    "QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/queue",
    "DEAD_LETTERS_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/dead-letters",
    "MAX_RECEIVES": "5",
}
_deserialize = TypeDeserializer().deserialize


def tables() -> list[Table]:
    return [
        Table(name="messages", key=("id",), stream=Stream(SHARDS)),
        Table(name="recipients", key=("address",)),
        Table(name="counts", key=("pk", "sk")),
        Table(name="plain", key=("id",)),
    ]


class World:
    """`failed` counts records that a handler gave back, which SQS would deliver again."""

    def __init__(self, tables: Sequence[Table], **environment: str) -> None:
        self.now = NOW
        self.dynamodb = DynamoDb(tables, lambda: self.now)
        self.failed = 0
        os.environ |= ENVIRONMENT | environment
        boto3.DEFAULT_SESSION = self.dynamodb.session()
        self.messages = Messages(boto3.resource("dynamodb").Table("messages"))
        self._feedback = cold("lambdas.feedback.handler").handler
        self._plain = cold("bench.feedback_plain").handler
        counts = cold("lambdas.counts.handler")
        counts.fold = replace(counts.fold, now=lambda: self.now)
        self._counts = counts.handler

    def send(self, mail: Mail) -> None:
        """What the outbox writes of a mail."""
        if mail.stream == "foreign":
            return
        message = Outgoing(
            id=mail.id,
            recipient=mail.recipients[0],
            stream=mail.stream,
            template=mail.template,
            fingerprint="0" * 64,
            ticket=mail.ticket,
        )
        self.messages.claim(
            message, "What is new at Acme this month", mail.taken_at, 600.0, from_domain=mail.from_domain
        )
        if mail.sent_at:
            self.messages.sent(mail.id, mail.ses_id, mail.sent_at)

    def split(self) -> None:
        """DynamoDB splits the stream's shards."""
        stream = self.dynamodb.tables["messages"].stream
        assert stream
        stream.split()

    def feedback(self, records: list[dict[str, Any]]) -> float:
        return self._run(self._feedback, records)

    def filed(self, records: list[dict[str, Any]]) -> dict[str, Any]:
        """The same events in a file, as the queue is told of it."""
        key = f"{len(self.dynamodb.files):036}"
        lines = [json.loads(one["body"])["Message"] for one in records]
        self.dynamodb.files[key] = "".join(f"{line}\n" for line in lines).encode()
        return record(json.dumps({"Records": [{"s3": {"bucket": {"name": "events"}, "object": {"key": key}}}]}), 0)

    def plain(self, records: list[dict[str, Any]]) -> float:
        return self._run(self._plain, records)

    def count(self, *, at_once: bool = False) -> float:
        command = json.dumps(COUNT | {"detail": {"at_once": at_once}})
        body = {"messageId": "count", "body": command, "attributes": {"ApproximateReceiveCount": "1"}}
        return self._run(self._counts, [body])

    def _run(self, handler: Callable[[dict[str, Any], Any], dict[str, Any]], records: list[dict[str, Any]]) -> float:
        """Gives the seconds of processor time that the function took, without what DynamoDB's imitation did."""
        answering = self.dynamodb.meter.busy
        begun = time.process_time()
        answer = handler({"Records": records}, None)
        took = time.process_time() - begun
        self.failed += len(answer["batchItemFailures"])
        return took - (self.dynamodb.meter.busy - answering)

    def metered(self) -> Meter:
        """What was asked since the last time; and what is there now is no more the garbage collector's business, as it
        would not be on Lambda."""
        meter, self.dynamodb.meter = self.dynamodb.meter, Meter()
        gc.freeze()
        return meter

    def items(self, table: str) -> list[dict[str, Any]]:
        return [_deserialize({"M": item}) for item in self.dynamodb.tables[table].items.values()]

    def timelines(self) -> dict[str, tuple[str | None, set[Entry]]]:
        """When SES took each message, and what else there is on its timeline, by the message's id."""
        return {item["id"]: (item.get("sent_at"), timeline(item)) for item in self.items("messages")}

    def recipients(self) -> dict[str, Recipient]:
        return {item["address"]: recipient(item) for item in self.items("recipients")}

    def counters(self) -> Counter[Cell]:
        found: Counter[Cell] = Counter()
        for item in self.items("counts"):
            if item["pk"] != "SHARDS":
                cells = {name: number for name, number in item.items() if name not in ("pk", "sk", "expires_ttl")}
                found.update({(item["pk"], item["sk"], name): int(number) for name, number in cells.items()})
        return found


def cold(module: str) -> Any:
    """The module, with clients of its own."""
    sys.modules.pop(module, None)
    return importlib.import_module(module)


def timeline(item: dict[str, Any]) -> set[Entry]:
    events = [item[name] for name in item if name.startswith(EVENT)]
    return {entry(event["kind"], event["at"], event["facts"]) for event in events if event["kind"] != "Send"}


def entry(kind: str, at: str, facts: dict[str, str]) -> Entry:
    return kind, at, facts.get("type"), facts.get("subtype"), facts.get("bot")


def recipient(item: dict[str, Any]) -> Recipient:
    scopes = {name.partition("#")[2]: item[name] for name in item if name.startswith("suppressed#")}
    return Recipient(
        stopped={scope: (stop["reason"], stop.get("until")) for scope, stop in scopes.items()},
        soft=sorted(item.get("soft", {}).values()),
    )
