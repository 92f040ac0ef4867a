"""Events that come in files end as those do that come one by one, whatever fails on the way."""

import copy
import itertools
import json

import boto3
import pytest

from tests.integration.records import batch, drain, queue, reasons, sns
from tests.integration.test_feedback import event

KINDS = ("send", "delivery", "delivery-delay", "open", "unknown-kind")
TABLES = {"messages": "id", "recipients": "address"}


def of(message, name):
    """The event, of another message."""
    told = copy.deepcopy(event(name))
    told["mail"]["tags"]["mailroom-message"] = [message]
    return told


EVENTS = [of(f"m{number}", name) for number in range(3) for name in KINDS] + [of("m1", "bounce-transient")]


def file(*lines, key="2026/11/21/10/Files 1"):
    """The file, as the queue is told of it."""
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    boto3.client("s3").put_object(Bucket="event-files", Key=key, Body=text.encode())
    named = {"bucket": {"name": "event-files"}, "object": {"key": key.replace(" ", "+"), "size": len(text)}}
    return {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": named}]}


def kept():
    """All that is in the tables, which are empty then."""
    found = {}
    for name, key in TABLES.items():
        table = boto3.resource("dynamodb").Table(name)
        for item in table.scan(ConsistentRead=True)["Items"]:
            found[name, item[key]] = item
            table.delete_item(Key={key: item[key]})
    return found


class Context:
    """Lambda's, that has no time left once so much is asked for."""

    def __init__(self, asked):
        self.left = asked

    def get_remaining_time_in_millis(self):
        self.left -= 1
        return 60_000 if self.left >= 0 else 14_999


@pytest.fixture
def feedback(handler):
    module = handler("feedback")

    def handle(*bodies, context=None):
        return bool(module.handler(batch(*bodies), context)["batchItemFailures"])

    handle.module = module
    return handle


@pytest.fixture
def one_by_one(feedback):
    """What is kept of the events, if each comes alone."""
    assert not feedback(*(sns(told) for told in EVENTS))
    return kept()


def test_the_events_of_a_file_are_those_that_come_one_by_one(feedback, one_by_one):
    assert not feedback(file(*EVENTS))
    assert kept() == one_by_one


def test_one_that_fails_is_put_into_the_queue_alone_and_works_there(feedback, one_by_one, monkeypatch):
    messages, told = feedback.module.feedback.messages, file(*EVENTS, {"eventType": "Send"}, "{")
    happened = type(messages).happened
    with monkeypatch.context() as broken:

        def of_m1_fails(self, id, *more):
            if id == "m1":
                raise ConnectionError("busy")
            happened(self, id, *more)

        broken.setattr(type(messages), "happened", of_m1_fails)
        assert not feedback(told)
    again = drain("queue")
    failed = [json.loads(body["Message"])["eventType"] for body in again]
    assert failed == ["Send", "Delivery", "DeliveryDelay", "Open", "Teleported", "Bounce"]
    assert not feedback(*again)
    assert kept() == one_by_one
    assert sorted(reasons()) == ["no SES event: KeyError 'mail'", "the line is not JSON"]


def test_a_file_that_takes_longer_than_there_is_time_goes_on_where_it_was(feedback, one_by_one):
    waiting, runs = [file(*EVENTS)], 0
    while waiting:
        assert not feedback(*waiting, context=Context(10))  # the queue asks once, and then each event does
        queue_url, runs = queue("queue"), runs + 1
        boto3.client("sqs").set_queue_attributes(QueueUrl=queue_url, Attributes={"DelaySeconds": "0"})
        waiting = later()
    assert (runs, kept()) == (2, one_by_one)


def later():
    """What waits in the queue for a moment to come."""
    url = queue("queue")
    found = boto3.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=2)
    for message in found.get("Messages", []):
        boto3.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def test_wherever_the_function_dies_nothing_is_lost_and_nothing_counts_twice(feedback, death):
    events = [of("m1", name) for name in ("delivery-delay", "open", "bounce-transient")]
    assert not feedback(*map(sns, events))
    one_by_one, told = kept(), file(*events)
    for at in itertools.count(1):
        death.calls, death.at = 0, at
        died = feedback(told)
        death.at = None
        again = drain("queue") + ([told] if died else [])
        assert not any(feedback(body) for body in again)
        assert (at, kept()) == (at, one_by_one)
        if not again:
            break
        assert at < 100


def test_a_file_that_is_gone_lies_in_the_dead_letters_with_its_reason(feedback):
    told = file("{}")
    boto3.client("s3").delete_object(Bucket="event-files", Key="2026/11/21/10/Files 1")
    assert not feedback(told)
    assert reasons() == ["2026/11/21/10/Files 1 is gone; files of events are deleted when they are some weeks old"]


def test_that_s3_may_tell_of_files_is_no_file(feedback):
    assert not feedback({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "event-files"})
    assert (kept(), reasons()) == ({}, [])
