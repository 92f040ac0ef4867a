"""Mails to be sent later: one EventBridge schedule each, which puts the request into the send queue when it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mypy_boto3_scheduler.client import EventBridgeSchedulerClient


@dataclass(frozen=True, kw_only=True)
class Schedules:
    """`group` holds this stage's schedules; `role_arn` lets the scheduler put into the queue."""

    client: Callable[[], EventBridgeSchedulerClient]
    group: str
    queue_arn: str
    role_arn: str

    def add(self, message_id: str, at: datetime, body: str) -> None:
        """Have `body` put into the queue at that time, and never before: a schedule knows no parts of a second. Once
        for each message, however often it is asked."""
        at = at + timedelta(microseconds=999_999)
        try:
            self.client().create_schedule(
                Name=message_id,
                GroupName=self.group,
                ScheduleExpression=f"at({at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target={"Arn": self.queue_arn, "RoleArn": self.role_arn, "Input": body},
                ActionAfterCompletion="DELETE",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConflictException":  # it is there already
                raise

    def remove(self, message_id: str) -> None:
        try:
            self.client().delete_schedule(Name=message_id, GroupName=self.group)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":  # it has just fired, or is gone
                raise
