"""Sending where a caller waits for the answer, outside the send queue. What cannot go out at once is put into it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from lambdas.shared.outbox.request import queued

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.shared.outbox.outbox import Outbox, Outcome
    from lambdas.shared.outbox.request import Request

MAX_DELAY_SECONDS = 900  # SQS DelaySeconds


def send_at_once(outbox: Outbox, request: Request, put: Callable[[str, str, float], None]) -> Outcome:
    """Send the message unless it was sent, or say why not. KeyReused as in Outbox.send.

    `put` takes the queue's name in the environment, an event, and a delay in seconds. What waits is tried again by the
    send queue, and so is what AWS refused us (ClientError, raised again): a caller may not repeat it.
    """
    try:
        outcome = outbox.send(request)
    except ClientError:
        put("SEND_QUEUE_URL", queued(request, outbox.files.keep(request)), 0)
        raise
    if outcome.again_in:
        put("SEND_QUEUE_URL", queued(request, outbox.files.keep(request)), outcome.again_in)
    return outcome


def queues_from_environment() -> Callable[[str, str, float], None]:
    """What puts an event into the queue that a variable of the environment has the URL of."""
    sqs = boto3.client("sqs")

    def put(queue: str, event: str, seconds: float) -> None:
        delay = max(0, min(MAX_DELAY_SECONDS, round(seconds)))
        sqs.send_message(QueueUrl=os.environ[queue], MessageBody=event, DelaySeconds=delay)

    return put
