"""The stream of a table in memory, in shards that split. Source: DynamoDB API reference, GetRecords."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.dynamodb_expressions import NotImitated

if TYPE_CHECKING:
    from datetime import datetime

    from bench.dynamodb_expressions import Item

PAGE = 1000  # records that GetRecords gives at most
Request = dict[str, Any]


@dataclass(kw_only=True)
class Shard:
    id: str
    parent: str | None = None
    closed: bool = False
    records: list[Request] = field(default_factory=list)


class Stream:
    """Records of changes, each item's in one shard of those that are open."""

    def __init__(self, shards: int) -> None:
        self._shards = [Shard(id=f"shardId-{number:020}") for number in range(shards)]
        self._sequence = 0

    def split(self) -> None:
        """As DynamoDB does every few hours: the shards take no more, and their children go on."""
        for parent in [shard for shard in self._shards if not shard.closed]:
            parent.closed = True
            self._shards.append(Shard(id=f"{parent.id}-child", parent=parent.id))

    def add(self, place: str, keys: Item, old: Item, new: Item, at: datetime) -> None:
        self._sequence += 1
        change = {
            "SequenceNumber": f"{self._sequence:021}",
            "ApproximateCreationDateTime": at.timestamp(),
            "Keys": keys,
            "NewImage": new,
            **({"OldImage": old} if old else {}),
        }
        taking = [shard for shard in self._shards if not shard.closed]
        taking[zlib.crc32(place.encode()) % len(taking)].records.append(change)

    def describe(self, request: Request) -> Request:
        only(request, "StreamArn")
        return {"StreamDescription": {"Shards": [self._told(shard) for shard in self._shards]}}

    def _told(self, shard: Shard) -> Request:
        sequences = {"StartingSequenceNumber": f"{0:021}"}
        return {
            "ShardId": shard.id,
            "SequenceNumberRange": sequences | ({"EndingSequenceNumber": f"{9:021}"} if shard.closed else {}),
            **({"ParentShardId": shard.parent} if shard.parent else {}),
        }

    def iterator(self, request: Request) -> Request:
        only(request, "StreamArn", "ShardId", "ShardIteratorType", "SequenceNumber")
        shard, after = self._shard(request["ShardId"]), request.get("SequenceNumber", "")
        begin = bisect_right(shard.records, after, key=lambda record: str(record["SequenceNumber"]))
        return {"ShardIterator": f"{shard.id} {begin}"}

    def records(self, request: Request) -> Request:
        only(request, "ShardIterator")
        name, begin = request["ShardIterator"].split()
        shard = self._shard(name)
        page = shard.records[int(begin) : int(begin) + PAGE]
        end = int(begin) + len(page)
        more = {} if shard.closed and end == len(shard.records) else {"NextShardIterator": f"{name} {end}"}
        return {"Records": [{"dynamodb": record} for record in page], **more}

    def _shard(self, id: str) -> Shard:
        return next(shard for shard in self._shards if shard.id == id)


def only(request: Request, *known: str) -> None:
    if unknown := request.keys() - set(known):
        raise NotImitated(f"{', '.join(unknown)} of {request}")
