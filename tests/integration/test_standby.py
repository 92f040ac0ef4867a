"""A stage with two regions: which one sends, and what becomes of what the other is asked for."""

import json

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from lambdas.shared import sending
from lambdas.shared.messages import message_id
from lambdas.shared.sending import KEY
from tests.integration.records import batch, bus_event, drain, queue
from tests.integration.sends import NOTICE, asked, stored, takes_it, waiting


@pytest.fixture
def two_regions(aws, monkeypatch):
    """us-east-1 is this one and eu-west-1 the first; its queues are stood for by queues here."""
    first = {"region": "eu-west-1", "queues": {"Send": queue("send-there"), "Tokens": queue("tokens-there")}}
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("SENDS_FIRST", json.dumps(first))
    monkeypatch.setenv("BUCKETS", "mailroom-test-storage-")
    asked_of = []
    client = boto3.client("sqs")
    monkeypatch.setattr(sending, "client", lambda region: asked_of.append(region) or client)
    return asked_of


@pytest.fixture
def we_send(two_regions):
    boto3.resource("dynamodb").Table("messages").put_item(Item=KEY | {"region": "us-east-1", "queues": {}})


def test_what_comes_while_the_other_region_sends_is_handed_on_untouched(two_regions, send):
    event = asked(NOTICE | {"idempotency_key": "order-7"})
    assert send.handler(event, None) == {"batchItemFailures": []}
    assert drain("send-there") == [json.loads(event["Records"][0]["body"])]
    assert two_regions == ["eu-west-1"]
    assert stored("order-7") is None


def test_what_comes_while_this_region_sends_is_sent(we_send, send):
    takes_it(send)
    send.handler(asked(NOTICE | {"idempotency_key": "order-7"}), None)
    assert stored("order-7").state == "sent"
    assert drain("send-there") == []


def test_what_the_other_region_does_not_take_waits_here(two_regions, send, monkeypatch):
    monkeypatch.setattr(sending, "client", lambda region: Lost())
    assert send.handler(asked(NOTICE), None) == {"batchItemFailures": []}
    assert (waiting("queue"), drain("dead-letters")) == (1, [])


class Lost:
    """SQS in a region that cannot be reached."""

    def send_message(self, **asked):
        raise EndpointConnectionError(endpoint_url="https://sqs.eu-west-1.amazonaws.com")


def test_the_switch_is_seen_by_functions_that_run_already(two_regions, send):
    send.handler(asked(NOTICE | {"idempotency_key": "before"}), None)
    boto3.resource("dynamodb").Table("messages").put_item(Item=KEY | {"region": "us-east-1", "queues": {}})
    takes_it(send)
    send.handler(asked(NOTICE | {"idempotency_key": "after"}), None)
    assert (stored("before"), stored("after").state) == (None, "sent")


def test_a_message_that_the_other_region_has_sent_is_not_sent_again(we_send, send):
    takes_it(send)
    for _ in range(2):  # its table is ours too: here both tries are ours
        send.handler(asked(NOTICE | {"idempotency_key": "order-7"}), None)
    assert stored("order-7").attempts == 1


def test_proofs_are_handed_on_before_anything_is_counted(two_regions, sending):
    tokens = sending("tokens")
    event = bus_event("UserSignedUp", {"email": "mia@example.org", "request_id": "r-1"})
    tokens.handler(batch(event), None)
    assert drain("tokens-there") == [event]
    assert boto3.client("dynamodb").scan(TableName="tokens")["Count"] == 0


def test_a_call_is_taken_and_goes_on_from_the_queue(two_regions, sending):
    api = sending("api")
    answer = api.handler(
        {
            "routeKey": "POST /messages",
            "headers": {"idempotency-key": "order-7"},
            "body": json.dumps(NOTICE),
            "requestContext": {"requestId": "r"},
        },
        None,
    )
    [told] = json.loads(answer["body"])["messages"]
    assert (answer["statusCode"], told["state"], told["reason"]) == (
        *(200, "elsewhere"),
        "mail is sent from eu-west-1",
    )
    [queued] = drain("send")
    assert queued["detail"]["to"] == NOTICE["to"]


def test_files_that_wait_in_the_other_regions_bucket_go_along_and_no_others(we_send, send):
    there = boto3.client("s3")
    there.create_bucket(Bucket="mailroom-test-storage-mail-1")
    ours = message_id("order-7")
    for key in (f"outgoing/{ours}/0", "outgoing/another/0"):
        there.put_object(Bucket="mailroom-test-storage-mail-1", Key=key, Body=b"%PDF")
    takes_it(send)
    send.handler(asked(with_file("order-7", f"outgoing/{ours}/0")), None)
    assert stored("order-7").state == "sent"
    send.handler(asked(with_file("order-8", "outgoing/another/0")), None)
    assert (stored("order-8").state, stored("order-8").reason) == (
        "failed",
        "invoice.pdf: the setting attachment_buckets does not name its bucket",
    )


def with_file(key, where):
    file = {"filename": "invoice.pdf", "content_type": "application/pdf"}
    file["s3"] = {"bucket": "mailroom-test-storage-mail-1", "key": where}
    return NOTICE | {"idempotency_key": key, "attachments": [file]}
