"""What changes in a table from now on, read from its stream (DynamoDB API reference, GetShardIterator, GetRecords)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from lambdas.shared.counts.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lambdas.shared.counts.stream import StreamsClient

# An iterator is good for 15 minutes, which pass while a laptop sleeps; and what it points at for 24 hours.
STALE = {"ExpiredIteratorException", "TrimmedDataAccessException"}
_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True, kw_only=True)
class Change:
    """A write to one item: what it was and what it is, None where it was not there or is not any more."""

    at: datetime
    old: dict[str, Any] | None
    new: dict[str, Any] | None


class Tail:
    """Begins at the stream's present end. A shard is closed after some hours and its children go on with its items, so
    they are read from their beginning; other shards that turn up are children of what ended before."""

    def __init__(self, client: StreamsClient, arn: str) -> None:
        self._client, self._arn = client, arn
        self._stream = Stream(client, arn)
        self._read_to: dict[str, str] = {}  # shard: sequence number
        self._ended: set[str] = set()  # shards whose children are not seen yet
        shards = self._stream.shards()
        self._known = {shard.id for shard in shards}
        self._iterators = {shard.id: self._iterator(shard.id, "LATEST") for shard in shards if not shard.closed}

    def changes(self) -> list[Change]:
        """What is new since the last call, in the order of its times."""
        if self._ended:
            self._go_on_with_children()
        found = [record["dynamodb"] for shard in [*self._iterators] for record in self._records(shard)]
        return sorted(map(change_of, found), key=lambda change: change.at)

    def _records(self, shard: str) -> list[Any]:
        try:
            answer = self._client.get_records(ShardIterator=self._iterators[shard])
        except ClientError as error:
            if error.response["Error"]["Code"] not in STALE:
                raise
            self._iterators[shard] = self._reopened(shard)
            return []
        if following := answer.get("NextShardIterator"):
            self._iterators[shard] = following
        else:
            del self._iterators[shard]
            self._ended.add(shard)
        if records := answer["Records"]:
            self._read_to[shard] = records[-1]["dynamodb"]["SequenceNumber"]
        return list(records)

    def _go_on_with_children(self) -> None:
        for shard in self._stream.shards():
            if shard.id not in self._known:
                self._known.add(shard.id)
                self._ended.discard(shard.parent or "")
                self._iterators[shard.id] = self._iterator(shard.id, "TRIM_HORIZON")

    def _reopened(self, shard: str) -> str:
        if last := self._read_to.get(shard):
            try:
                return self._iterator(shard, "AFTER_SEQUENCE_NUMBER", SequenceNumber=last)
            except ClientError as error:
                if error.response["Error"]["Code"] not in STALE:
                    raise
        return self._iterator(shard, "LATEST")

    def _iterator(self, shard: str, kind: str, **more: str) -> str:
        answer = self._client.get_shard_iterator(StreamArn=self._arn, ShardId=shard, ShardIteratorType=kind, **more)
        return str(answer["ShardIterator"])


def change_of(record: Mapping[str, Any]) -> Change:
    return Change(
        at=record["ApproximateCreationDateTime"], old=item(record.get("OldImage")), new=item(record.get("NewImage"))
    )


def item(image: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: _deserialize(value) for name, value in image.items()} if image else None
