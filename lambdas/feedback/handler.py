import json
import os
from typing import Any

import boto3
from botocore.config import Config

from lambdas.feedback.record import Feedback
from lambdas.feedback.ses_event import VALIDATION, happened
from lambdas.shared.bus import Bus
from lambdas.shared.messages import Messages
from lambdas.shared.queue import Queue, sns_message
from lambdas.shared.recipients import Recipients, SoftBounces

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


def record(envelope: dict[str, Any]) -> None:
    if envelope.get("Message") != VALIDATION:
        feedback.record(happened(sns_message(envelope)))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, record)
