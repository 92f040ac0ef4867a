"""What a stage's templates say that costs depend on: tables, batches, memory, schedules, what is published and told."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.dynamodb import Index, Table
from bench.dynamodb_stream import Stream

EVENTS = {
    "send": "Send",
    "delivery": "Delivery",
    "deliveryDelay": "DeliveryDelay",
    "bounce": "Bounce",
    "complaint": "Complaint",
    "reject": "Reject",
    "renderingFailure": "Rendering Failure",
    "open": "Open",
    "click": "Click",
    "subscription": "Subscription",
}
TABLES = ("Messages", "Recipients", "Counts")
Resource = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A function behind its queue. `logs`: Lambda logs its calls."""

    memory: int
    batch: int
    logs: bool
    environment: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`published` are the kinds of events by the stream's name, `filed` those that come in files, of so many megabytes
    or `file_seconds`, kept for `file_days`; `count_minutes` is how often counts runs."""

    name: str
    send: Worker
    feedback: Worker
    counts: Worker
    published: dict[str, set[str]]
    filed: set[str]
    file_megabytes: int
    file_seconds: int
    file_days: int
    count_minutes: int

    @property
    def announce(self) -> str:
        return str(self.feedback.environment["ANNOUNCE"])

    def without(self, kind: str) -> Stage:
        return replace(self, published={stream: kinds - {kind} for stream, kinds in self.published.items()})


class Templates:
    """The CloudFormation templates in a cloud assembly's folder."""

    def __init__(self, folder: Path) -> None:
        self._resources: dict[str, Resource] = {}
        for path in sorted(folder.glob("*.template.json")):
            self._resources |= json.loads(path.read_text())["Resources"]

    def stage(self, name: str) -> Stage:
        return Stage(
            name=name,
            send=self._worker("send"),
            feedback=self._worker("feedback"),
            counts=self._worker("counts"),
            published=self._published(),
            filed=self._filed(),
            **self._files(),
            count_minutes=self._minutes("Count"),
        )

    def tables(self, shards: int) -> list[Table]:
        """Imitations of them, in lower case."""
        return [self._table(name, shards) for name in TABLES]

    def _of(self, kind: str) -> dict[str, Resource]:
        return {name: one["Properties"] for name, one in self._resources.items() if one["Type"] == f"AWS::{kind}"}

    def _worker(self, name: str) -> Worker:
        functions = self._of("Lambda::Function")
        handler = f"lambdas.{name}.handler.handler"
        [(ref, function)] = [(ref, one) for ref, one in functions.items() if one.get("Handler") == handler]
        sources = self._of("Lambda::EventSourceMapping").values()
        [source] = [one for one in sources if one["FunctionName"] == {"Ref": ref}]
        return Worker(
            memory=function["MemorySize"],
            batch=source["BatchSize"],
            logs=function["LoggingConfig"].get("SystemLogLevel", "INFO") != "WARN",
            environment=function["Environment"]["Variables"],
        )

    def _published(self) -> dict[str, set[str]]:
        """The configuration sets' names are exported by another stack: `...ExportsOutputRefMarketing3B45...`."""
        found: dict[str, set[str]] = {}
        for destination in self._of("SES::ConfigurationSetEventDestination").values():
            exported = destination["ConfigurationSetName"]["Fn::ImportValue"]
            [stream] = [name for name in ("transactional", "marketing") if f"OutputRef{name.title()}" in exported]
            kinds = destination["EventDestination"]["MatchingEventTypes"]
            found.setdefault(stream, set()).update(EVENTS[kind] for kind in kinds)
        return found

    def _filed(self) -> set[str]:
        found = [one["EventDestination"] for one in self._of("SES::ConfigurationSetEventDestination").values()]
        return {
            EVENTS[kind] for one in found if "KinesisFirehoseDestination" in one for kind in one["MatchingEventTypes"]
        }

    def _files(self) -> dict[str, int]:
        [stream] = self._of("KinesisFirehose::DeliveryStream").values()
        to = stream["ExtendedS3DestinationConfiguration"]
        [bucket] = [one for ref, one in self._of("S3::Bucket").items() if [ref, "Arn"] == to["BucketARN"]["Fn::GetAtt"]]
        [rule] = bucket["LifecycleConfiguration"]["Rules"]
        return {
            "file_megabytes": to["BufferingHints"]["SizeInMBs"],
            "file_seconds": to["BufferingHints"]["IntervalInSeconds"],
            "file_days": rule["ExpirationInDays"],
        }

    def _minutes(self, command: str) -> int:
        rules = [rule for rule in self._of("Events::Rule").values() if "ScheduleExpression" in rule]
        [rate] = [
            rule["ScheduleExpression"]
            for rule in rules
            for target in rule["Targets"]
            if f'"detail-type":"{command}"' in target.get("InputTransformer", {}).get("InputTemplate", "")
        ]
        [minutes] = re.findall(r"rate\((\d+) minutes?\)", rate)
        return int(minutes)

    def _table(self, name: str, shards: int) -> Table:
        tables = self._of("DynamoDB::Table").items()
        [found] = [one for ref, one in tables if re.fullmatch(rf"{name}[0-9A-F]{{8}}", ref)]
        key = keys(found)
        return Table(
            name=name.lower(),
            key=key,
            indexes=tuple(index(one, key) for one in found.get("GlobalSecondaryIndexes", [])),
            stream=Stream(shards) if "StreamSpecification" in found else None,
        )


def keys(described: Resource) -> tuple[str, ...]:
    return tuple(part["AttributeName"] for part in described["KeySchema"])


def index(described: Resource, of_table: tuple[str, ...]) -> Index:
    projection = described["Projection"]
    own = keys(described)
    if projection["ProjectionType"] == "ALL":
        return Index(keys=own, projected=None)
    return Index(keys=own, projected=frozenset((*own, *of_table, *projection.get("NonKeyAttributes", []))))
