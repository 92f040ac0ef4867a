"""Which of its two regions a stage sends from, where it has a standby.

One region sends at a time, whichever bus, API or schedule a request came by: the other hands on what its queues bring.
So two regions never claim one message at once, and what waits in a region that was down goes out from the other when it
is up again. An item of the messages table says which; both regions have that table, and DynamoDB copies what one of
them is told to the other. Without the item it is the first.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.shared.queue import Later

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_sqs.client import SQSClient

Handle = Callable[[dict[str, Any]], None]

KEY = {"id": "sending"}  # which is no message's id (lambdas/shared/messages.py)
AGAIN_SECONDS = 60
# A region that is down may not even refuse; the queue tries again, and more patiently.
IMPATIENT = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 1})
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Sender:
    """A region, and the queues that feed its functions, by the functions' names."""

    region: str
    queues: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Sending:
    """`here` is this region; `first` sends until somebody says otherwise."""

    table: Table
    here: str
    first: Sender

    @classmethod
    def from_environment(cls, table: Table) -> Sending | None:
        """None where the stage has one region."""
        first = os.environ.get("SENDS_FIRST")
        return cls(table=table, here=os.environ["AWS_REGION"], first=Sender(**json.loads(first))) if first else None

    def elsewhere(self) -> Sender | None:
        """The region that sends, if it is not this one."""
        said: dict[str, Any] | None = self.table.get_item(Key=KEY, ConsistentRead=False).get("Item")
        sender = Sender(region=said["region"], queues=said["queues"]) if said else self.first
        return None if sender.region == self.here else sender

    def region_elsewhere(self) -> str | None:
        sender = self.elsewhere()
        return sender.region if sender else None

    def handing_on(self, function: str, handle: Handle) -> Handle:
        """The same, for what this region sends; what another does goes into the queue of that function there."""

        def handed_on(event: dict[str, Any]) -> None:
            sender = self.elsewhere()
            if sender is None:
                handle(event)
                return
            try:
                client(sender.region).send_message(QueueUrl=sender.queues[function], MessageBody=json.dumps(event))
            except (BotoCoreError, ClientError) as error:
                raise Later(
                    AGAIN_SECONDS, f"{sender.region} sends, and takes nothing ({type(error).__name__})"
                ) from error
            log.info("handed on", extra={"region": sender.region})

        return handed_on


@cache
def client(region: str) -> SQSClient:
    return boto3.client("sqs", region_name=region, config=IMPATIENT)
