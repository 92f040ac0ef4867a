"""A request to the function that sends, what SES answers, and what is stored."""

import dataclasses
from datetime import UTC, datetime, timedelta

import boto3

from lambdas.shared.messages import Messages, message_id
from tests.integration.records import batch, bus_event

NOTICE = {"to": "mia@example.org", "template": "notice", "data": {"title": "Hi & <bye>", "text": "<b>Text</b>"}}


def takes_it(send, ses_id="ses-1"):
    send.ses.add_response("send_email", {"MessageId": ses_id})


def refuses(send, code, text="no", status=400):
    send.ses.add_client_error("send_email", code, text, http_status_code=status)


def asked(request, id="event-1", **receives):
    return batch(bus_event("SendMail", request, id), **receives)


def stored(key="event-1"):
    return Messages(boto3.resource("dynamodb").Table("messages")).get(message_id(key))


def move_clock(send, monkeypatch, **by):
    """Outbox is frozen, so the moved clock goes into a copy of it."""
    later = dataclasses.replace(send.outbox, now=lambda: datetime.now(UTC) + timedelta(**by))
    monkeypatch.setattr(send, "outbox", later)


def waiting(name):
    sqs = boto3.client("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
    attributes = sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], AttributeNames=names)
    return sum(int(attributes["Attributes"][attribute]) for attribute in names)
