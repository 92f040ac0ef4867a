from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from cli.tail import Tail

START = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)


class Shards:
    """A stream as DynamoDB has it: shards with records, of which some are closed, and have children."""

    def __init__(self):
        self.records, self.parents, self.closed, self.expired, self.trimmed = {}, {}, set(), False, False

    def open(self, shard, parent=None):
        self.records[shard], self.parents[shard] = [], parent

    def close(self, shard, *children):
        self.closed.add(shard)
        for child in children:
            self.open(child, shard)

    def write(self, shard, name, second):
        image = {"id": {"S": name}, "attempts": {"N": "1"}}
        at = START + timedelta(seconds=second)
        number = f"{second:021}"
        self.records[shard].append(
            {"dynamodb": {"SequenceNumber": number, "ApproximateCreationDateTime": at, "NewImage": image}}
        )

    def describe_stream(self, **_):
        shards = [
            {
                "ShardId": shard,
                **({"ParentShardId": parent} if parent else {}),
                "SequenceNumberRange": {"EndingSequenceNumber": "9"} if shard in self.closed else {},
            }
            for shard, parent in self.parents.items()
        ]
        return {"StreamDescription": {"Shards": shards}}

    def get_shard_iterator(self, *, ShardId, ShardIteratorType, SequenceNumber=None, **_):  # noqa: N803
        if self.trimmed and SequenceNumber:
            raise ClientError({"Error": {"Code": "TrimmedDataAccessException"}}, "GetShardIterator")
        records = self.records[ShardId]
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        at = {"LATEST": len(records), "TRIM_HORIZON": 0}.get(ShardIteratorType)
        at = numbers.index(SequenceNumber) + 1 if at is None else at
        return {"ShardIterator": f"{ShardId} {at}"}

    def get_records(self, *, ShardIterator):  # noqa: N803
        if self.expired:
            self.expired = False
            raise ClientError({"Error": {"Code": "ExpiredIteratorException"}}, "GetRecords")
        shard, at = ShardIterator.split()
        answer = {"Records": self.records[shard][int(at) :]}
        if shard not in self.closed:
            answer["NextShardIterator"] = f"{shard} {len(self.records[shard])}"
        return answer


@pytest.fixture
def shards():
    found = Shards()
    found.open("a")
    found.open("b")
    found.write("a", "before", 1)
    return found


def names(tail):
    return [change.new["id"] for change in tail.changes()]


def test_what_was_there_before_is_not_told_and_what_comes_is_told_once_in_its_order(shards):
    tail = Tail(shards, "arn")
    assert names(tail) == []
    shards.write("b", "second", 3)
    shards.write("a", "first", 2)
    assert names(tail) == ["first", "second"]
    assert names(tail) == []


def test_it_goes_on_with_the_children_of_a_shard_that_is_closed_from_their_beginning(shards):
    tail = Tail(shards, "arn")
    shards.write("a", "last of a", 2)
    shards.close("a", "child")
    shards.write("child", "first of its child", 3)
    assert names(tail) == ["last of a"]
    assert names(tail) == ["first of its child"]


def test_a_child_may_turn_up_later_than_its_parent_ends(shards):
    tail = Tail(shards, "arn")
    shards.close("a")
    assert [names(tail), names(tail)] == [[], []]
    shards.open("child", "a")
    shards.write("child", "late", 4)
    assert names(tail) == ["late"]


def test_after_a_laptop_has_slept_it_goes_on_where_it_was(shards):
    tail = Tail(shards, "arn")
    shards.write("a", "read", 2)
    assert names(tail) == ["read"]
    shards.write("a", "while it slept", 3)
    shards.expired = True
    assert names(tail) == []
    assert names(tail) == ["while it slept"]


def test_after_a_day_it_goes_on_with_what_is_new(shards):
    tail = Tail(shards, "arn")
    shards.write("a", "read", 2)
    assert names(tail) == ["read"]
    shards.expired = shards.trimmed = True
    assert names(tail) == []
    shards.write("a", "new", 9)
    assert names(tail) == ["new"]
