"""The function `counts` on moto's tables and stream: the counters are those of the items, whatever went wrong."""

import itertools
import os
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from types import SimpleNamespace

import boto3
import pytest
from botocore.client import BaseClient

from lambdas.shared.counts.contributions import contributions
from lambdas.shared.counts.table import Counts
from tests.integration.records import batch, reasons

COUNT = {"id": "1", "detail-type": "Count", "time": "2026-11-21T10:00:00Z", "detail": {"at_once": True}}
EVERY_MINUTE = COUNT | {"detail": {}}
SENT = {"state": "sent", "stream": "transactional", "template": "welcome", "from_domain": "acme.test"}
BOUNCE = {"kind": "Bounce", "at": "2026-11-21T10:05:00.000Z", "facts": {"type": "Permanent", "subtype": "General"}}


@pytest.fixture
def messages(aws, monkeypatch):
    """The messages table with its stream."""
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    boto3.client("dynamodb").update_table(TableName="messages", StreamSpecification=stream)
    table = boto3.resource("dynamodb").Table("messages")
    table.load()
    monkeypatch.setenv("MESSAGES_STREAM_ARN", table.latest_stream_arn)
    return table


@pytest.fixture
def count(messages, handler):
    module = handler("counts")
    module.fold = module.fold.__class__(**{**vars(module.fold), "now": lambda: datetime(2026, 11, 21, 12, tzinfo=UTC)})
    return lambda context=None, command=COUNT: module.handler(batch(command), context)


def send(table, number, domain="example.org", hour=10):
    sent = {"id": f"m{number}", "recipient": f"a{number}@{domain}", "sent_at": f"2026-11-21T{hour}:00:00.000Z", **SENT}
    table.put_item(Item={"id": sent["id"], "state": "claimed"})
    table.put_item(Item=sent)


def bounce(table, number):
    table.update_item(
        Key={"id": f"m{number}"}, UpdateExpression="SET #b = :b", ExpressionAttributeNames={"#b": "event#Bounce#1"},
        ExpressionAttributeValues={":b": BOUNCE},
    )  # fmt: skip


def cells(name="counts"):
    """Every counter that is not 0, but for the checkpoints."""
    items = boto3.resource("dynamodb").Table(name).scan(ConsistentRead=True)["Items"]
    rows = [item for item in items if item["pk"] != "SHARDS"]
    beside = {"pk", "sk", "expires_ttl"}
    return {
        (row["pk"], row["sk"], key): int(value)
        for row in rows
        for key, value in row.items()
        if key not in beside and value
    }


def recounted(table):
    return dict(Counter(cell for item in table.scan()["Items"] for cell in contributions(item)))


def test_counters_are_added_and_can_be_read_by_day_and_by_hour(messages, count):
    send(messages, 1)
    send(messages, 2, domain="example.net", hour=11)
    bounce(messages, 2)
    assert count() == {"batchItemFailures": []}
    counts = Counts(boto3.resource("dynamodb").Table("counts"))
    [row] = counts.day(date(2026, 11, 21), "transactional", "template")
    assert (row.stream, row.name, row.when) == ("transactional", "welcome", "2026-11-21")
    assert row.counters == {"sent": 2, "bounced_permanent": 1}
    domains = {row.name: row.counters for row in counts.day(date(2026, 11, 21), "transactional", "domain")}
    assert domains == {"example.org": {"sent": 1}, "example.net": {"sent": 1, "bounced_permanent": 1}}
    [ten] = counts.hour(datetime(2026, 11, 21, 10, 59, tzinfo=UTC), "transactional")
    assert (ten.when, ten.name, ten.counters) == ("2026-11-21T10", "acme.test", {"sent": 1, "bounced": 1})
    assert list(counts.hour(datetime(2026, 11, 21, 10, tzinfo=UTC), "marketing")) == []


def test_hours_expire_and_days_stay(messages, count):
    send(messages, 1)
    count()
    items = boto3.resource("dynamodb").Table("counts").scan()["Items"]
    expiries = {item["pk"]: item.get("expires_ttl") for item in items}
    assert expiries["HOUR#2026-11-21T10"] == datetime(2026, 12, 31, 10, tzinfo=UTC).timestamp()
    assert expiries["DAY#2026-11-21"] is None
    assert expiries["SHARDS"] == datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()


def test_few_changes_of_this_minute_are_left_until_somebody_asks(messages, count, caplog):
    send(messages, 1)
    caplog.set_level("INFO")
    count(command=EVERY_MINUTE)
    assert boto3.resource("dynamodb").Table("counts").scan()["Items"] == []
    count()
    assert cells() == recounted(messages)
    told = [(record.found, record.changes) for record in caplog.records if record.message == "counted"]
    assert told == [(2, 0), (2, 2)]


def test_an_item_that_goes_counts_no_more(messages, count):
    send(messages, 1)
    count()
    messages.delete_item(Key={"id": "m1"})
    count()
    assert cells() == {}


def test_more_rows_than_a_transaction_takes_are_counted_in_several(messages, count, caplog):
    for number in range(130):
        send(messages, number, domain=f"d{number}.test")
    caplog.set_level("INFO")
    count()
    assert cells() == recounted(messages)
    [told] = [record for record in caplog.records if record.message == "counted"]
    assert (told.changes, told.transactions) == (260, 2)


class Crash(BaseException):
    """Nothing catches it, as nothing catches the end of a process."""


@pytest.fixture
def calling(monkeypatch):
    """Lets all calls of AWS be made by another function, within the block: `with calling(function):`; it is given what
    makes the call, the operation and its arguments."""
    call = BaseClient._make_api_call

    @contextmanager
    def patched(make):
        with monkeypatch.context() as patch:
            patch.setattr(BaseClient, "_make_api_call", lambda *what: make(partial(call, what[0]), *what[1:]))
            yield

    return patched


def dying(last, *, after):
    """A function for `calling` that dies before or after its call with this number."""
    numbers = itertools.count(1)

    def make(call, operation, arguments):
        number = next(numbers)
        if number == last and not after:
            raise Crash
        answer = call(operation, arguments)
        if number == last:
            raise Crash
        return answer

    return make


def test_a_crash_between_any_two_calls_counts_nothing_twice_and_loses_nothing(messages, count, calling):
    """Each time with more to count, one run dies before its nth call, and another after it; until none gets so far."""
    numbers = itertools.count()
    for last in itertools.count(1):
        send(messages, next(numbers), domain=f"d{last}.test")
        send(messages, next(numbers), domain=f"d{last}.test")
        bounce(messages, last)
        crashed = 0
        for after in (False, True):
            try:
                with calling(dying(last, after=after)):
                    count()
            except Crash:
                crashed += 1
        if not crashed:
            break
    assert last > 5  # checkpoints, shards, iterator, records, transaction
    assert cells() == recounted(messages)


def test_of_two_runs_at_once_one_gives_way(messages, count, calling, caplog):
    for number in range(3):
        send(messages, number)
    inside = []

    def disturbed(call, operation, arguments):
        if operation == "TransactWriteItems" and not inside:
            inside.append(operation)
            count()
        return call(operation, arguments)

    caplog.set_level("INFO")
    with calling(disturbed):
        assert count() == {"batchItemFailures": []}
    assert "another run is at it" in [record.message for record in caplog.records]
    assert cells() == recounted(messages)


def test_what_there_is_no_time_for_is_left_to_the_next_run(messages, count, calling):
    for number in range(5):
        send(messages, number)

    def little(call, operation, arguments):
        return call(operation, arguments | ({"Limit": 6} if operation == "GetRecords" else {}))

    times = iter([60_000, 9_000, 9_000])  # milliseconds, as looked at: before it, after each page, at the end
    with calling(little):
        count(SimpleNamespace(get_remaining_time_in_millis=lambda: next(times)))
    assert cells()["DAY#2026-11-21", "transactional#template#welcome", "sent"] == 3
    again = boto3.client("sqs").get_queue_attributes(QueueUrl=os.environ["QUEUE_URL"], AttributeNames=["All"])
    assert again["Attributes"]["ApproximateNumberOfMessagesDelayed"] == "1"
    count()
    assert cells() == recounted(messages)


def test_a_run_that_finds_nothing_new_writes_nothing(messages, count, calling):
    send(messages, 1)
    count()
    asked = Counter()

    def noted(call, operation, arguments):
        asked[operation] += 1
        return call(operation, arguments)

    with calling(noted):
        count()
    assert asked == {"Query": 1, "DescribeStream": 1, "GetShardIterator": 1, "GetRecords": 4}


def test_what_is_no_command_of_the_counts_is_dead_lettered(handler, messages):
    handler("counts").handler(batch({"detail-type": "SendMail"}), None)
    assert reasons() == ["no command of the counts: 'SendMail'"]
