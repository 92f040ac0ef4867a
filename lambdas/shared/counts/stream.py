"""The stream of the messages table, read shard by shard.

Sources: DynamoDB API reference, DescribeStream, GetShardIterator, GetRecords; developer guide, "Change data capture for
DynamoDB Streams". A shard is a piece of the stream in which each item's changes are in order. It takes changes for some
hours; then it is closed and has children, which must be read after it, since they go on with the same items. What is
older than 24 hours is trimmed, and a shard without records goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from lambdas.shared.messages import EVENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

# "It might take multiple calls to get to a portion of the shard that contains stream records" (GetRecords). An open
# shard is taken to be read to its end after so many empty answers; what was missed comes with a later reading, at the
# latest when the shard is closed, for then GetRecords says where the end is.
EMPTY_ANSWERS = 4
OLDEST = {"ShardIteratorType": "TRIM_HORIZON"}
COUNTED = {"state", "sent_at", "created_at", "stream", "template", "recipient", "from_domain"}
_deserialize = TypeDeserializer().deserialize


class StreamsClient(Protocol):
    """What is used of boto3's client `dynamodbstreams`."""

    def describe_stream(self, **arguments: Any) -> Any: ...
    def get_shard_iterator(self, **arguments: Any) -> Any: ...
    def get_records(self, **arguments: Any) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Shard:
    id: str
    parent: str | None
    closed: bool


@dataclass(frozen=True, kw_only=True)
class Change:
    """A write to one item. `old` and `new` are what it was and became, as far as it is counted; empty where it was not
    there."""

    sequence: str
    at: datetime
    id: str
    old: dict[str, Any]
    new: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some changes in their order. `ended`: the shard is closed, and these were its last. `gap`: changes before these
    may have been trimmed unread."""

    changes: list[Change]
    ended: bool
    gap: bool


class Stream:
    def __init__(self, client: StreamsClient, arn: str) -> None:
        self._client = client
        self._arn = arn

    def shards(self) -> list[Shard]:
        """All shards that have records, or will, each after its parent."""
        found: dict[str, Shard] = {}
        start: dict[str, str] = {}
        while True:
            told = self._client.describe_stream(StreamArn=self._arn, **start)["StreamDescription"]
            for shard in told["Shards"]:
                closed = "EndingSequenceNumber" in shard["SequenceNumberRange"]
                found[shard["ShardId"]] = Shard(id=shard["ShardId"], parent=shard.get("ParentShardId"), closed=closed)
            if not (last := told.get("LastEvaluatedShardId")):
                return parents_first(found)
            start = {"ExclusiveStartShardId": last}

    def pages(self, shard: Shard, after: str | None, until: datetime) -> Iterator[Page]:
        """The shard's changes after that sequence number, or all; of an open shard to one that was written later than
        `until`, or to its end."""
        gap, empty = False, 0
        iterator = self._iterator(shard, after)
        if not iterator:
            gap, iterator = True, self._iterator(shard, None)
        late = False
        while iterator and empty < EMPTY_ANSWERS and not late:
            answer = self._client.get_records(ShardIterator=iterator)
            changes = [change_of(record["dynamodb"]) for record in answer["Records"]]
            iterator = answer.get("NextShardIterator")
            empty = 0 if changes or shard.closed else empty + 1
            late = bool(changes) and changes[-1].at > until and not shard.closed
            yield Page(changes=changes, ended=not iterator, gap=gap)
            gap = False

    def _iterator(self, shard: Shard, after: str | None) -> str | None:
        """None if what came after has been trimmed."""
        where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after} if after else OLDEST
        try:
            answer = self._client.get_shard_iterator(StreamArn=self._arn, ShardId=shard.id, **where)
        except ClientError as error:
            if not after or error.response["Error"]["Code"] != "TrimmedDataAccessException":
                raise
            return None
        return str(answer["ShardIterator"])


def parents_first(shards: Mapping[str, Shard]) -> list[Shard]:
    ordered: dict[str, Shard] = {}

    def place(shard: Shard) -> None:
        if shard.id not in ordered:
            if parent := shards.get(shard.parent or ""):
                place(parent)
            ordered[shard.id] = shard

    for shard in shards.values():
        place(shard)
    return list(ordered.values())


def change_of(record: Mapping[str, Any]) -> Change:
    return Change(
        sequence=record["SequenceNumber"],
        at=record["ApproximateCreationDateTime"],
        id=record["Keys"]["id"]["S"],
        old=counted(record.get("OldImage", {})),
        new=counted(record.get("NewImage", {})),
    )


def counted(image: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in image.items() if name in COUNTED or name.startswith(EVENT)}


def plain(value: Any) -> Any:
    """As boto3's, which takes five times as long for the texts and maps that nearly all are."""
    if "S" in value:
        return value["S"]
    if "M" in value:
        return {name: plain(part) for name, part in value["M"].items()}
    return _deserialize(value)
