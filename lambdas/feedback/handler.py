import json
import os
from typing import Any

import boto3

from lambdas.feedback.record import Feedback
from lambdas.feedback.ses_event import VALIDATION, happened
from lambdas.shared.bus import Bus
from lambdas.shared.messages import Messages
from lambdas.shared.queue import Queue, sns_message
from lambdas.shared.recipients import Recipients, SoftBounces

tables = boto3.resource("dynamodb")
queue = Queue.from_environment()
feedback = Feedback(
    messages=Messages(tables.Table(os.environ["MESSAGES_TABLE"])),
    recipients=Recipients(tables.Table(os.environ["RECIPIENTS_TABLE"])),
    emit=Bus(boto3.client("events"), os.environ["BUS_NAME"]).emit,
    announce=frozenset(json.loads(os.environ["ANNOUNCE"])),
    soft_bounces=SoftBounces(**json.loads(os.environ["SOFT_BOUNCES"])),
)


def record(envelope: dict[str, Any]) -> None:
    if envelope.get("Message") != VALIDATION:
        feedback.record(happened(sns_message(envelope)))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, record)
