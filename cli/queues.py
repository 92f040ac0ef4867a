"""The queues that feed functions, and the dead letters behind them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sqs.client import SQSClient

    from cli.deployment import Deployment

# As many as one call gives. They are looked at without being taken, so a further call may give the same ones.
DEAD_LETTERS_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """`request` and `answer` are what was said to a destination and by it, "" where there was none; they may hold what
    customers wrote."""

    id: str
    at: str
    reason: str
    request: str = field(repr=False)
    answer: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One queue; `waiting` messages can be received now, `delayed` ones later. SQS's figures are approximate."""

    name: str
    waiting: int
    in_flight: int
    delayed: int
    dead: int
    dead_letters: tuple[DeadLetter, ...]


def queues(deployment: Deployment) -> list[Queue]:
    sqs = deployment.client("sqs")
    dead = deployment.outputs("DeadLetters")
    return [read(sqs, name, url, dead[name]) for name, url in deployment.outputs("Queue").items()]


def read(sqs: SQSClient, name: str, url: str, dead_letters_url: str) -> Queue:
    figures = attributes(sqs, url)
    dead = int(attributes(sqs, dead_letters_url)["ApproximateNumberOfMessages"])
    deliveries = int(json.loads(figures.get("RedrivePolicy", "{}")).get("maxReceiveCount", 0))
    return Queue(
        name=name,
        waiting=int(figures["ApproximateNumberOfMessages"]),
        in_flight=int(figures["ApproximateNumberOfMessagesNotVisible"]),
        delayed=int(figures["ApproximateNumberOfMessagesDelayed"]),
        dead=dead,
        dead_letters=tuple(peek(sqs, dead_letters_url, deliveries)) if dead else (),
    )


def attributes(sqs: SQSClient, url: str) -> dict[str, str]:
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {str(name): value for name, value in found.items()}


def peek(sqs: SQSClient, url: str, deliveries: int) -> Iterator[DeadLetter]:
    """Look at dead letters without taking them: they stay visible to everybody."""
    answer = sqs.receive_message(
        QueueUrl=url,
        VisibilityTimeout=0,
        WaitTimeSeconds=1,  # asks all of SQS's servers, not a sample of them (SQS, short and long polling)
        MaxNumberOfMessages=DEAD_LETTERS_SHOWN,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["SentTimestamp", "DeadLetterQueueSourceArn"],
    )
    for message in answer.get("Messages", []):
        sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
        told = said(dict(message))
        yield DeadLetter(
            id=message["MessageId"],
            at=iso(sent),
            reason=reason(dict(message), deliveries),
            request=told.get("Request", ""),
            answer=told.get("Answer", ""),
        )


def said(message: dict[str, Any]) -> dict[str, str]:
    attributes = message.get("MessageAttributes", {})
    return {name: attribute.get("StringValue", "") for name, attribute in attributes.items()}


def reason(message: dict[str, Any], deliveries: int) -> str:
    """Why a message is dead: what our function said, what EventBridge said, or that SQS lost patience.

    A message that was put back keeps the reason of its first death.
    """
    told = said(message)
    if "DeadLetterQueueSourceArn" in message.get("Attributes", {}):  # SQS itself moved it
        before = f"; before it was put back: {told['Reason']}" if "Reason" in told else ""
        return f"no reason: SQS moved it after {deliveries} deliveries{before}"
    if "Reason" in told:
        return told["Reason"]
    if "ERROR_CODE" in told:  # EventBridge User Guide, rule-dlq
        return f"EventBridge could not queue it: {told['ERROR_CODE']} {told.get('ERROR_MESSAGE', '')}".strip()
    return "no reason given"
