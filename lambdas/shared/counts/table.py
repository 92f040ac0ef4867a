"""The counts table: counters, and how far the stream of the messages table has been counted.

    SHARDS              <shard id>      the checkpoint of a shard
    CORRECTION          CURRENT         the id of the last correction (lambdas/shared/counts/correct.py)
    DAY#…, HOUR#…       …               counters (lambdas/shared/counts/contributions.py)

A checkpoint is never deleted but expires, long after the last record that it speaks of has been trimmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from lambdas.shared.counts.contributions import DAY, HOUR, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from boto3.dynamodb.conditions import ConditionBase
    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.shared.counts.contributions import Cell

SHARDS = "SHARDS"
MOST_WRITES = 100  # of one transaction (TransactWriteItems)
HOURS_KEPT = timedelta(days=40)
CHECKPOINTS_KEPT = timedelta(days=7)  # records are trimmed after one
CHECKPOINT = ("sequence", "at", "ended", "gap_at")
COUNTERS = (*OUTCOMES, "bounced")
ANOTHERS = {"None", "ConditionalCheckFailed", "TransactionConflict"}


class Overtaken(Exception):
    """Another has been faster, as another run that counts on from the same checkpoint: nothing of this is there."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """How far a shard has been counted: to the record with this sequence number, which was written `at`. `ended`: it is
    closed, and there is no more. `gap_at`: when records were found to have been trimmed before they were counted."""

    sequence: str | None = None
    at: str | None = None
    ended: bool = False
    gap_at: str | None = None


@dataclass(kw_only=True)
class Place:
    """A shard whose checkpoint was `seen`, and which has been read until it would be `reached`."""

    shard: str
    seen: Checkpoint | None
    reached: Checkpoint


@dataclass(frozen=True, kw_only=True)
class Row:
    """The counters of a row. Those of a day: `stream`, `by` (template, domain) and its `name`; those of an hour have
    the stream and the name of a from-domain."""

    pk: str
    sk: str
    counters: dict[str, int]

    @property
    def when(self) -> str:
        return self.pk.partition("#")[2]

    @property
    def stream(self) -> str:
        return self.sk.partition("#")[0]

    @property
    def name(self) -> str:
        return self.sk.split("#", 2 if self.pk.startswith(DAY) else 1)[-1]


class Counts:
    def __init__(self, table: Table) -> None:
        self._table = table

    def checkpoints(self) -> dict[str, Checkpoint]:
        """By shard."""
        return {
            str(item["sk"]): Checkpoint(**{name: item[name] for name in CHECKPOINT if name in item})
            for item in self._query(Key("pk").eq(SHARDS))
        }

    def commit(self, places: Sequence[Place], cells: Mapping[Cell, int], now: datetime) -> None:
        """Add to the counters and move the shards' checkpoints, all or nothing. Overtaken if one is not where it was
        `seen`."""
        moves = [self._move(place, now) for place in places]
        adds = [addition(self._table.name, row, adds) for row, adds in by_row(cells, now).items()]
        transact(self._table, [*moves, *adds])

    def _move(self, place: Place, now: datetime) -> dict[str, Any]:
        sets = {name: value for name in CHECKPOINT if (value := getattr(place.reached, name))}
        sets["expires_ttl"] = int((now + CHECKPOINTS_KEPT).timestamp())
        values = {f":{name}": value for name, value in sets.items()}
        condition = "attribute_not_exists(ended) AND "
        if place.seen and place.seen.sequence:
            condition += "#sequence = :seen"
            values[":seen"] = place.seen.sequence
        else:
            condition += "attribute_not_exists(#sequence)"
        return {
            "Update": {
                "TableName": self._table.name,
                "Key": {"pk": SHARDS, "sk": place.shard},
                "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in sets),
                "ConditionExpression": condition,
                "ExpressionAttributeNames": {f"#{name}": name for name in {*sets, "sequence"}},
                "ExpressionAttributeValues": values,
            }
        }

    def day(self, day: date, stream: str, by: str) -> Iterator[Row]:
        """The rows of mails that SES took on a day (UTC), of a stream, by template or domain."""
        condition = Key("pk").eq(f"{DAY}{day.isoformat()}") & Key("sk").begins_with(f"{stream}#{by}#")
        return (row_of(item) for item in self._query(condition))

    def hour(self, hour: datetime, stream: str = "") -> Iterator[Row]:
        """The rows of what happened within an hour, by stream and from-domain."""
        condition: ConditionBase = Key("pk").eq(f"{HOUR}{hour.astimezone(UTC):%Y-%m-%dT%H}")
        if stream:
            condition &= Key("sk").begins_with(f"{stream}#")
        return (row_of(item) for item in self._query(condition))

    def _query(self, condition: ConditionBase) -> Iterator[dict[str, Any]]:
        start: dict[str, Any] = {}
        while True:
            page = self._table.query(KeyConditionExpression=condition, ConsistentRead=True, **start)
            yield from page["Items"]
            if not (last := page.get("LastEvaluatedKey")):
                return
            start = {"ExclusiveStartKey": last}


def transact(table: Table, writes: list[dict[str, Any]]) -> None:
    """All of them or none. Overtaken where a condition does not hold, or another transaction is at one of the items."""
    try:
        table.meta.client.transact_write_items(TransactItems=writes)  # type: ignore[arg-type]  # plain dicts
    except ClientError as error:
        reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
        if reasons and {reason["Code"] for reason in reasons} <= ANOTHERS:
            raise Overtaken from None
        raise


def by_row(cells: Mapping[Cell, int], now: datetime) -> dict[tuple[str, str], dict[str, int]]:
    """What is to be added to which row; nothing to those that have expired."""
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for (pk, sk, counter), number in cells.items():
        if number and not is_over(pk, now):
            rows.setdefault((pk, sk), {})[counter] = number
    return rows


def addition(table: str, row: tuple[str, str], adds: Mapping[str, int]) -> dict[str, Any]:
    """A write of a transaction."""
    expires = expiry(row[0])
    values: dict[str, int] = {f":{counter}": number for counter, number in adds.items()}
    return {
        "Update": {
            "TableName": table,
            "Key": {"pk": row[0], "sk": row[1]},
            "UpdateExpression": ("SET expires_ttl = :expires " if expires else "")
            + f"ADD {', '.join(f'{counter} :{counter}' for counter in adds)}",
            "ExpressionAttributeValues": values | ({":expires": int(expires.timestamp())} if expires else {}),
        }
    }


def row_of(item: Mapping[str, Any]) -> Row:
    counters = {name: int(item[name]) for name in COUNTERS if item.get(name)}
    return Row(pk=str(item["pk"]), sk=str(item["sk"]), counters=counters)


def expiry(pk: str) -> datetime | None:
    """When a row goes; days stay."""
    if not pk.startswith(HOUR):
        return None
    return datetime.strptime(f"{pk.removeprefix(HOUR)}+0000", "%Y-%m-%dT%H%z") + HOURS_KEPT


def is_over(pk: str, now: datetime) -> bool:
    expires = expiry(pk)
    return bool(expires and expires < now)
