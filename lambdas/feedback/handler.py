import json
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
from botocore.config import Config

from lambdas.feedback.files import Files, is_file
from lambdas.feedback.record import Feedback
from lambdas.feedback.ses_event import VALIDATION, happened
from lambdas.shared.bus import Bus
from lambdas.shared.messages import Messages
from lambdas.shared.queue import Queue, sns_message, time_left
from lambdas.shared.recipients import Recipients, SoftBounces

TEST = "s3:TestEvent"  # what S3 sends to see that it may, when it is told of the queue; it is no file

# Otherwise botocore makes up its user agent anew for each request, which is a seventh of the time that one takes.
config = Config(user_agent="mailroom")
tables = boto3.resource("dynamodb", config=config)
queue = Queue.from_environment()
feedback = Feedback(
    messages=Messages(tables.Table(os.environ["MESSAGES_TABLE"])),
    recipients=Recipients(tables.Table(os.environ["RECIPIENTS_TABLE"])),
    emit=Bus(boto3.client("events", config=config), os.environ["BUS_NAME"]).emit,
    announce=frozenset(json.loads(os.environ["ANNOUNCE"])),
    soft_bounces=SoftBounces(**json.loads(os.environ["SOFT_BOUNCES"])),
)


def record(event: dict[str, Any]) -> None:
    feedback.record(happened(event))


files = Files(s3=boto3.client("s3", config=config), bucket=os.environ["EVENTS_BUCKET"], queue=queue, record=record)


def receive(milliseconds: Callable[[], float], body: dict[str, Any]) -> None:
    if is_file(body):
        files.read(body, milliseconds)
    elif body.get("Event") != TEST and body.get("Message") != VALIDATION:
        record(sns_message(body))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, partial(receive, partial(time_left, context)))
