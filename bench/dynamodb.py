"""DynamoDB in this process's memory, fast enough for 100,000 events: it answers the requests that boto3 makes.

It stands where boto3 would open a connection, so all of boto3 runs as it does on Lambda but for the network. It knows
the operations that the functions use, and raises NotImitated at all others: tests/integration/test_bench_feedback.py
compares it with moto. It counts what is asked of it as DynamoDB bills it (developer guide, "Read and write operations"
and "DynamoDB item sizes and formats"), and notes its own processor time.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders

from bench.dynamodb_expressions import Item, Names, NotImitated, condition, updated
from bench.dynamodb_stream import Stream, only
from bench.dynamodb_units import read_units, write_units
from bench.files import part

Request = dict[str, Any]


@dataclass(kw_only=True)
class Meter:
    """What was asked: `requests` by kind; `units` by table and kind ("read", "write"). `busy` are
    the seconds of this process's time that answering took."""

    requests: Counter[str] = field(default_factory=Counter)
    units: defaultdict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    busy: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Index:
    """What of an item is in an index: items that have its `keys`; None is all of their attributes."""

    keys: tuple[str, ...]
    projected: frozenset[str] | None

    def part(self, item: Item) -> Item:
        if not all(key in item for key in self.keys):
            return {}
        return {name: value for name, value in item.items() if self.projected is None or name in self.projected}

    def units(self, old: Item, new: Item) -> int:
        """Of a write to the table. An entry that moves is written where it was and where it is (developer guide, "Using
        Global Secondary Indexes", "Write capacity units")."""
        before, after = self.part(old), self.part(new)
        if before == after:
            return 0
        if before and after and any(before[key] != after[key] for key in self.keys):
            return write_units(before) + write_units(after)
        return max(write_units(before), write_units(after))


@dataclass(kw_only=True)
class Table:
    """`key` has one or two attributes."""

    name: str
    key: tuple[str, ...]
    indexes: tuple[Index, ...] = ()
    stream: Stream | None = None
    items: dict[tuple[str, ...], Item] = field(default_factory=dict)

    def at(self, keys: Item) -> tuple[str, ...]:
        if keys.keys() != set(self.key):
            raise NotImitated(f"a key of {self.name}: {keys}")
        return tuple(keys[name]["S"] for name in self.key)


class Body:
    """Of an answer, where boto3 has a connection to read from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


class Refused(Exception):
    """An answer of DynamoDB's that boto3 turns into an exception."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **more}


class DynamoDb:
    """`now` is the time that records of the stream were written; `told` is what was put on a bus, `files` are S3's."""

    def __init__(self, tables: Iterable[Table], now: Callable[[], datetime]) -> None:
        self.tables = {table.name: table for table in tables}
        self.meter = Meter()
        self.told: list[tuple[str, Request]] = []
        self.sent: list[Request] = []
        self.files: dict[str, bytes] = {}
        self._now = now
        self._operations: dict[str, Callable[[Request], Request]] = {
            "DynamoDB_20120810.GetItem": self._get,
            "DynamoDB_20120810.PutItem": self._put,
            "DynamoDB_20120810.UpdateItem": self._update,
            "DynamoDB_20120810.Query": self._query,
            "DynamoDB_20120810.TransactWriteItems": self._transact,
            "DynamoDBStreams_20120810.DescribeStream": lambda request: self._stream(request).describe(request),
            "DynamoDBStreams_20120810.GetShardIterator": lambda request: self._stream(request).iterator(request),
            "DynamoDBStreams_20120810.GetRecords": self._records,
            "AWSEvents.PutEvents": self._events,
            "AmazonSQS.SendMessage": self._message,
        }

    def session(self) -> boto3.Session:
        """A session whose clients all ask this one."""
        session = botocore.session.Session()
        session.set_credentials("x", "x")
        session.register("before-send", self._answer)  # type: ignore[arg-type]  # its stubs know no answer
        return boto3.Session(botocore_session=session, region_name="us-east-1")

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        begun = time.process_time()
        if "X-Amz-Target" not in request.headers:
            return self._file(request, begun)
        target = text(request.headers["X-Amz-Target"])
        if target not in self._operations:
            raise NotImitated(target)
        status, answer = 200, {}
        try:
            answer = self._operations[target](json.loads(text(request.body)))
        except Refused as refused:
            status, answer = 400, refused.answer
        headers = HTTPHeaders.from_dict({"Content-Type": "application/x-amz-json-1.0"})
        response = AWSResponse(request.url, status, headers, Body(json.dumps(answer).encode()))
        self.meter.busy += time.process_time() - begun
        return response

    def _file(self, request: AWSPreparedRequest, begun: float) -> AWSResponse:
        self.meter.requests["reads of files"] += 1
        headers, content = part(self.files, request)
        response = AWSResponse(request.url, 206, HTTPHeaders.from_dict(headers), BytesIO(content))
        self.meter.busy += time.process_time() - begun
        return response

    # What reads

    def _get(self, request: Request) -> Request:
        only(request, "TableName", "Key", "ConsistentRead", "ProjectionExpression")
        table = self.tables[request["TableName"]]
        item = table.items.get(table.at(request["Key"]))
        consistent = request.get("ConsistentRead", False)
        self.meter.requests["reads" if consistent else "cheap reads"] += 1
        self._read(table, [item or {}], consistent=consistent)
        if item is None:
            return {}
        if "ProjectionExpression" not in request:
            return {"Item": item}
        if not (name := request["ProjectionExpression"]).isidentifier():
            raise NotImitated(f"the projection {name}")
        return {"Item": {name: item[name]} if name in item else {}}

    def _query(self, request: Request) -> Request:
        only(request, "TableName", "KeyConditionExpression", "ConsistentRead", *EXPRESSION)
        table = self.tables[request["TableName"]]
        test, names = condition(request["KeyConditionExpression"]), names_of(request)
        found = [item for _, item in sorted(table.items.items()) if test(item, names)]
        self.meter.requests["queries"] += 1
        self._read(table, found, consistent=request.get("ConsistentRead", False))
        return {"Items": found, "Count": len(found)}

    def _read(self, table: Table, items: list[Item], *, consistent: bool) -> None:
        self.meter.units[table.name, "read"] += read_units(items, consistent=consistent)

    # What writes

    def _put(self, request: Request) -> Request:
        only(request, "TableName", "Item")
        table, item = self.tables[request["TableName"]], request["Item"]
        self.meter.requests["writes"] += 1
        self._write(table, table.at({name: item[name] for name in table.key}), item)
        return {}

    def _update(self, request: Request) -> Request:
        only(request, "TableName", "Key", "UpdateExpression", "ConditionExpression", *EXPRESSION, *RETURNED)
        table = self.tables[request["TableName"]]
        at = table.at(request["Key"])
        old = table.items.get(at, {})
        if not holds(request, old):
            self.meter.requests["writes refused by their condition"] += 1
            self.meter.units[table.name, "write"] += write_units(old)
            shown = {"Item": old} if old and request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" else {}
            raise Refused("ConditionalCheckFailedException", **shown)
        new, touched = updated(request["UpdateExpression"], old or dict(request["Key"]), names_of(request))
        self.meter.requests["writes"] += 1
        self._write(table, at, new)
        if "ReturnValues" not in request:
            return {}
        if request["ReturnValues"] != "UPDATED_NEW":
            raise NotImitated(f"ReturnValues {request['ReturnValues']}")
        return {"Attributes": {name: new[name] for name in touched}}

    def _transact(self, request: Request) -> Request:
        only(request, "TransactItems", "ClientRequestToken")
        writes = [write["Update"] for write in request["TransactItems"]]
        held = []
        for write in writes:
            only(write, "TableName", "Key", "UpdateExpression", "ConditionExpression", *EXPRESSION)
            table = self.tables[write["TableName"]]
            held.append(holds(write, table.items.get(table.at(write["Key"]), {})))
        self.meter.requests["transactions"] += 1
        self.meter.requests["writes in transactions"] += len(writes)
        if not all(held):
            reasons = [{"Code": "None"} if one else {"Code": "ConditionalCheckFailed"} for one in held]
            raise Refused("TransactionCanceledException", CancellationReasons=reasons)
        for write in writes:
            table = self.tables[write["TableName"]]
            at = table.at(write["Key"])
            old = table.items.get(at, {})
            new, _ = updated(write["UpdateExpression"], old or dict(write["Key"]), names_of(write))
            self._write(table, at, new, times=2)
        return {}

    def _write(self, table: Table, at: tuple[str, ...], new: Item, times: int = 1) -> None:
        old = table.items.get(at, {})
        table.items[at] = new
        units = max(write_units(old), write_units(new))
        units += sum(index.units(old, new) for index in table.indexes)
        self.meter.units[table.name, "write"] += times * units
        if table.stream and new != old:
            keys = {name: new[name] for name in table.key}
            table.stream.add(at[0], keys, old, new, self._now())

    def _stream(self, request: Request) -> Stream:
        stream = self.tables[request["StreamArn"].split("/")[1]].stream
        if not stream:
            raise NotImitated(f"a stream of {request['StreamArn']}")
        return stream

    def _records(self, request: Request) -> Request:
        self.meter.requests["stream reads"] += 1
        [stream] = [table.stream for table in self.tables.values() if table.stream]
        return stream.records(request)

    # Beside DynamoDB

    def _events(self, request: Request) -> Request:
        entries = request["Entries"]
        self.meter.requests["events of the bus"] += len(entries)
        self.told += [(entry["DetailType"], json.loads(entry["Detail"])) for entry in entries]
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "x"} for _ in entries]}

    def _message(self, request: Request) -> Request:
        self.sent.append(request)
        return {"MessageId": "x", "MD5OfMessageBody": "x"}


EXPRESSION = ("ExpressionAttributeNames", "ExpressionAttributeValues")
RETURNED = ("ReturnValues", "ReturnValuesOnConditionCheckFailure")


def names_of(request: Request) -> Names:
    return Names(names=request.get("ExpressionAttributeNames", {}), values=request.get("ExpressionAttributeValues", {}))


def holds(request: Request, item: Item) -> bool:
    expression = request.get("ConditionExpression")
    return not expression or condition(expression)(item, names_of(request))


def text(it: object) -> str:
    return it.decode() if isinstance(it, bytes) else str(it)
