"""The outbox of a function, from the environment that the infrastructure gives to all that send.

What few mails need (the bus, schedules, files) gets its client when the first one does: each costs a cold start 20 ms.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from lambdas.shared.bus import Bus
from lambdas.shared.messages import Messages
from lambdas.shared.outbox.attachments import Files
from lambdas.shared.outbox.outbox import Outbox, always_now
from lambdas.shared.outbox.render import Brand, Templates
from lambdas.shared.outbox.schedule import Schedules
from lambdas.shared.outbox.senders import Senders
from lambdas.shared.recipients import Recipients
from lambdas.shared.sending import Sending
from lambdas.shared.timestamps import now
from lambdas.shared.tokens.key import token_key
from lambdas.shared.tokens.unsubscribe import unsubscribe_link

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBServiceResource

    from lambdas.shared.sending import Handle

# A send call that is repeated by the SDK may be two mails, so it is never repeated there (see ses.py).
ONE_TRY = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=10)
# SES lets brief bursts pass (developer guide, sending quotas), so a slow call need not cost its share of the rate.
CATCH_UP_SECONDS = 0.5


def outbox_from_environment(sends_per_second: float | None = None, turn: Callable[[str], float] = always_now) -> Outbox:
    """Makes the clients. `sends_per_second` is what this one process keeps to; `turn` as in Outbox."""
    sending = sending_from_environment()
    return Outbox(
        ses=boto3.client("sesv2", config=ONE_TRY),
        templates=Templates(
            Path(os.environ["LAMBDA_TASK_ROOT"], "templates"), brand=Brand(**json.loads(os.environ["BRAND"]))
        ),
        messages=Messages(tables().Table(os.environ["MESSAGES_TABLE"])),
        recipients=Recipients(tables().Table(os.environ["RECIPIENTS_TABLE"])),
        files=Files(
            s3=cache(lambda: boto3.client("s3")),
            bucket=os.environ["MAIL_BUCKET"],
            allowed=frozenset(json.loads(os.environ["ATTACHMENT_BUCKETS"])),
            elsewhere=os.environ.get("BUCKETS", ""),
        ),
        schedules=Schedules(
            client=cache(lambda: boto3.client("scheduler")),
            group=os.environ["SCHEDULE_GROUP"],
            queue_arn=os.environ["SEND_QUEUE_ARN"],
            role_arn=os.environ["SCHEDULE_ROLE_ARN"],
        ),
        emit=emit,
        senders=Senders(by_stream=json.loads(os.environ["SENDERS"]), domains=json.loads(os.environ["DOMAINS"])),
        tenant=os.environ.get("TENANT", ""),
        unsubscribe_link=page_to_unsubscribe,
        configuration_sets=json.loads(os.environ["CONFIGURATION_SETS"]),
        claim_seconds=float(os.environ["CLAIM_SECONDS"]),
        now=now,
        sleep=time.sleep,
        pace=paced(sends_per_second) if sends_per_second else lambda: None,
        elsewhere=sending.region_elsewhere if sending else lambda: None,
        turn=turn,
    )


def handing_on(function: str, handle: Handle) -> Handle:
    """What a queue brings, unless the stage's other region sends: then its function of this name gets it."""
    sending = sending_from_environment()
    return sending.handing_on(function, handle) if sending else handle


def sending_from_environment() -> Sending | None:
    return Sending.from_environment(tables().Table(os.environ["MESSAGES_TABLE"]))


def page_to_unsubscribe(message_id: str) -> str:
    return f"{os.environ['PAGES_URL']}/unsubscribe/{unsubscribe_link(token_key(), message_id)}"


@cache
def tables() -> DynamoDBServiceResource:
    return boto3.resource("dynamodb")


@cache
def bus() -> Bus:
    return Bus(boto3.client("events"), os.environ["BUS_NAME"])


def emit(detail_type: str, detail: dict[str, Any]) -> None:
    bus().emit(detail_type, detail)


def paced(per_second: float) -> Callable[[], None]:
    """A function that returns so often a second on average, and catches up after a delay."""
    due = 0.0

    def wait() -> None:
        nonlocal due
        due = max(due, time.monotonic() - CATCH_UP_SECONDS)
        time.sleep(max(0.0, due - time.monotonic()))
        due += 1 / per_second

    return wait
