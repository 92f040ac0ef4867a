"""The outbox: claim the message, send it, settle what became of it.

SES has no idempotency token, so a repeated call is a second mail. A message is therefore claimed in the table by a
conditional write before SES is called, and the outcome written after. Where the outcome stays unknown, the claim
stands until SES's own Send event settles it, or until that event is overdue and the message is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.shared.outbox.render import NotRendered, Templates
from lambdas.shared.outbox.ses import NotNow, OutcomeUnknown, Refused, send_email
from lambdas.shared.dynamodb import ConditionFailed
from lambdas.shared.messages import (
    CLAIM_SECONDS,
    CLAIMED,
    FAILED,
    RELEASED,
    SUPPRESSED,
    Messages,
    Outgoing,
    message_id,
)
from lambdas.shared.queue import Later
from lambdas.shared.timestamps import parsed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mypy_boto3_sesv2.client import SESV2Client

    from lambdas.shared.outbox.render import Rendered
    from lambdas.shared.recipients import Recipients
    from lambdas.shared.schemas import Schemas


@dataclass(frozen=True, kw_only=True)
class Outbox:
    ses: SESV2Client
    schemas: Schemas
    templates: Templates
    messages: Messages
    recipients: Recipients
    sender: str
    configuration_sets: dict[str, str]
    now: Callable[[], datetime]

    def send(self, event: dict[str, Any]) -> None:
        """Do what a SendMail event asks for, exactly once, or say in the message's item why not."""
        request = self.schemas.check("SendMail", event.get("detail"))
        message = outgoing(request, event["id"])
        try:
            self._send(request, message)
        except ConditionFailed as failed:
            if failed.item.get("state") == CLAIMED and "sent_at" not in failed.item:
                wait = parsed(failed.item["resend_after"]) - self.now()
                raise Later(wait.total_seconds(), "another try has claimed it; its outcome is not known yet") from None

    def _send(self, request: dict[str, Any], message: Outgoing) -> None:
        if suppression := self.recipients.get(message.recipient).suppression(message.stream):
            reason = f"{suppression.reason} since {suppression.at} (message {suppression.message_id})"
            return self.messages.close(message, SUPPRESSED, reason, self.now())
        try:
            rendered = self.templates.render(message.template, request.get("data", {}))
        except NotRendered as error:
            return self.messages.close(message, FAILED, str(error), self.now())
        return self._hand_to_ses(request, message, rendered)

    def _hand_to_ses(self, request: dict[str, Any], message: Outgoing, rendered: Rendered) -> None:
        attempt = self.messages.claim(message, rendered.subject, self.now())
        try:
            ses_id = send_email(
                self.ses,
                request,
                message,
                rendered,
                sender=request.get("from", self.sender),
                configuration_set=self.configuration_sets[message.stream],
            )
        except Refused as refused:
            self.messages.unsent(message.id, attempt, FAILED, str(refused))
        except NotNow as not_now:
            self.messages.unsent(message.id, attempt, RELEASED, str(not_now))
            raise Later(not_now.seconds, str(not_now)) from None
        except OutcomeUnknown as unknown:
            raise Later(CLAIM_SECONDS, str(unknown)) from None
        except ClientError as error:  # a fault of this installation: told by the dead-letter queue, if it stays
            self.messages.unsent(message.id, attempt, RELEASED, f"SES answered {error.response['Error']['Code']}")
            raise
        else:
            self.messages.sent(message.id, ses_id, self.now())


def outgoing(request: dict[str, Any], event_id: str) -> Outgoing:
    return Outgoing(
        id=message_id(request.get("idempotency_key", event_id)),
        recipient=request["to"],
        stream=request.get("stream", "transactional"),
        template=request["template"],
        ticket=request.get("ticket"),
    )
