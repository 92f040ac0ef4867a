import json
import os
from typing import Any

import boto3

from lambdas.inbound.notification import received
from lambdas.inbound.receive import Mailroom
from lambdas.shared.bus import Bus
from lambdas.shared.queue import Queue, sns_message
from lambdas.shared.tickets.table import Tickets

bucket = os.environ["MAIL_BUCKET"]
s3 = boto3.client("s3")
queue = Queue.from_environment()
tickets = Tickets(boto3.resource("dynamodb").Table(os.environ["TICKETS_TABLE"]))


def read_raw(key: str) -> bytes:
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def store(key: str, content: bytes, content_type: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType=content_type)


mailroom = Mailroom(
    read_raw=read_raw,
    store=store,
    tickets=tickets,
    emit=Bus(boto3.client("events"), os.environ["BUS_NAME"]).emit,
    sender=os.environ["SENDER"],
    mailboxes={mailbox["address"]: mailbox["name"] for mailbox in json.loads(os.environ["MAILBOXES"])},
)


def receive(body: dict[str, Any]) -> None:
    """Of the queue, SES's notification in its SNS envelope, or our own event from the bus."""
    if mail := received(sns_message(body)):
        mailroom.receive(mail)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, receive)
