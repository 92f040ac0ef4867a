"""The outbox: claim the message, send it, settle what became of it.

SES has no idempotency token, so a repeated call is a second mail. A message is therefore claimed in the table by a
conditional write before SES is called, and the outcome written after. Where the outcome stays unknown, the claim
stands until SES's own Send event settles it, or until that event is overdue and the message is sent again.
docs/states.md draws it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.shared.counts.contributions import MARKETING
from lambdas.shared.dynamodb import ConditionFailed
from lambdas.shared.messages import (
    CLAIMED,
    ENDED,
    FAILED,
    HELD,
    REFUSED,
    SCHEDULED,
    SENT,
    SUPPRESSED,
    THROTTLED,
    WAITING,
)
from lambdas.shared.outbox.render import NotRendered
from lambdas.shared.outbox.request import Impossible, queued
from lambdas.shared.outbox.sender_rules import Mail, check, unsubscribable, unsubscribe_address
from lambdas.shared.outbox.ses import NotNow, OutcomeUnknown, Refused, send_email
from lambdas.shared.recipients import domain_of
from lambdas.shared.timestamps import iso, parsed

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_sesv2.client import SESV2Client

    from lambdas.shared.messages import Messages
    from lambdas.shared.outbox.attachments import File, Files
    from lambdas.shared.outbox.render import Rendered, Templates
    from lambdas.shared.outbox.request import Request
    from lambdas.shared.outbox.schedule import Schedules
    from lambdas.shared.outbox.senders import Senders
    from lambdas.shared.recipients import Recipients, Suppression

log = logging.getLogger(__name__)

# SES drops what comes too fast and asks for it again; within these pauses the claim stays ours.
THROTTLE_PAUSES = (0.25, 0.5, 1.0)
ELSEWHERE, SLOWED = "elsewhere", "slowed"  # of an outcome, never of a message
AT_ONCE = 0.1  # seconds: from the queue, which hands it on


def always_now(stream: str) -> float:  # noqa: ARG001 - the shape of `turn`
    return 0


class KeyReused(Exception):
    """Another message was asked for with this idempotency key; nothing was sent for this one."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a request. `again_in` seconds it must be tried again; None says that it need not be."""

    id: str
    state: str
    reason: str = ""
    again_in: float | None = None


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """`tenant` is SES's tenant that mails are sent for, empty where there is none; `elsewhere` gives the stage's other
    region while that one sends (lambdas/shared/sending.py); `turn` says in how many seconds a mail of a stream has its
    turn, 0 for now."""

    ses: SESV2Client
    templates: Templates
    messages: Messages
    recipients: Recipients
    files: Files
    schedules: Schedules
    emit: Callable[[str, dict[str, Any]], None]
    senders: Senders
    tenant: str
    unsubscribe_link: Callable[[str], str]
    configuration_sets: dict[str, str]
    claim_seconds: float
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    pace: Callable[[], None]
    elsewhere: Callable[[], str | None] = lambda: None
    turn: Callable[[str], float] = always_now

    def send(self, request: Request) -> Outcome:
        """Send the message unless it was sent, or say why not. KeyReused if it is not the one its key stands for."""
        if region := self.elsewhere():
            return Outcome(id=request.id, state=ELSEWHERE, reason=f"mail is sent from {region}", again_in=AT_ONCE)
        return self._unless_known(request, lambda: self._try(request))

    def refuse(self, request: Request, state: str, reason: str) -> Outcome:
        """End the message without a mail, unless it was sent. KeyReused as in `send`."""
        return self._unless_known(request, lambda: self._close(request, state, reason))

    def knows(self, request: Request) -> bool:
        """Whether the message was asked for before."""
        return self.messages.get(request.id) is not None

    def cancel(self, message_id: str) -> None:
        """End a scheduled message. ConditionFailed carries the item that is not scheduled (any more)."""
        self.messages.cancel(message_id)
        self.schedules.remove(message_id)

    def _try(self, request: Request) -> Outcome:
        if request.problem:
            self.messages.fail(request, request.problem, self.now())
            return self._tell(request, FAILED, request.problem)
        if request.send_at:
            return self._schedule(request, request.send_at)
        if request.send_before and self.now() >= request.send_before:
            return self._close(request, FAILED, f"it could not be sent before {iso(request.send_before)}")
        if (seconds := self.turn(request.stream)) and self._may_be_sent(request):
            reason = f"{request.stream} is slowed down (mailroom streams show)"
            return Outcome(id=request.id, state=SLOWED, reason=reason, again_in=seconds)
        if suppression := self.recipients.get(request.recipient).suppression(request.stream, self.now()):
            return self._close(request, SUPPRESSED, why(suppression))
        try:
            sender = self.senders.of(request)
            request, rendered = self._written(request, sender)
            files = self.files.read(request)
        except (NotRendered, Impossible) as error:
            return self._close(request, FAILED, str(error))
        return self._hand_to_ses(request, rendered, files, sender)

    def _may_be_sent(self, request: Request) -> bool:
        known = self.messages.get(request.id)
        return known is None or known.state in (SCHEDULED, *WAITING)

    def _written(self, request: Request, sender: str) -> tuple[Request, Rendered]:
        """The mail, and the request with the header fields that go with it. NotRendered; RulesBroken where mailbox
        providers would have something against it."""
        if request.stream != MARKETING:
            return request, self.templates.render(request.template, request.data, request.locale)
        request = unsubscribable(request, self.unsubscribe_link)
        rendered = self.templates.render(
            request.template, request.data, request.locale, unsubscribe=unsubscribe_address(request.headers)
        )
        check(
            Mail(
                sender=sender,
                reply_to=request.reply_to,
                headers=request.headers,
                rendered=rendered,
                domains=tuple(self.senders.domains),
            )
        )
        return request, rendered

    def _schedule(self, request: Request, at: datetime) -> Outcome:
        self.messages.schedule(request, at, self.now())
        self.schedules.add(request.id, at, queued(request, self.files.keep(request)))
        return Outcome(id=request.id, state=SCHEDULED, reason=f"to be sent at {iso(at)}")

    def _unless_known(self, request: Request, act: Callable[[], Outcome]) -> Outcome:
        try:
            return act()
        except ConditionFailed as failed:
            return self._known(request, failed.item)

    def _close(self, request: Request, state: str, reason: str) -> Outcome:
        self.messages.close(request, state, reason, self.now())
        return self._tell(request, state, reason)

    def _tell(self, request: Request, state: str, reason: str) -> Outcome:
        log.warning("no mail", extra={"id": request.id, "state": state, "template": request.template})
        self.emit("MailFailed", failed_event(request, state, reason, self.now()))
        self.messages.told(request.id)
        return Outcome(id=request.id, state=state, reason=reason)

    def _hand_to_ses(self, request: Request, rendered: Rendered, files: list[File], sender: str) -> Outcome:
        attempt = self.messages.claim(
            request, rendered.subject, self.now(), self.claim_seconds, from_domain=domain_of(sender)
        )
        try:
            ses_id = self._send_patiently(request, rendered, files, sender)
        except Refused as refused:
            self.messages.unsent(request.id, attempt, REFUSED, str(refused))
            return self._tell(request, REFUSED, str(refused))
        except NotNow as not_now:
            self.messages.unsent(request.id, attempt, not_now.state, str(not_now))
            return Outcome(id=request.id, state=not_now.state, reason=str(not_now), again_in=not_now.seconds)
        except OutcomeUnknown as unknown:
            return Outcome(id=request.id, state=CLAIMED, reason=str(unknown), again_in=self.claim_seconds)
        except ClientError as error:  # a fault of this installation: told by the dead-letter queue, if it stays
            self.messages.unsent(request.id, attempt, HELD, f"SES answered {error.response['Error']['Code']}")
            raise
        self.messages.sent(request.id, ses_id, self.now())
        return Outcome(id=request.id, state=SENT)

    def _send_patiently(self, request: Request, rendered: Rendered, files: list[File], sender: str) -> str:
        names = {
            "sender": sender,
            "configuration_set": self.configuration_sets[request.stream],
            "tenant": self.tenant,
        }
        for pause in THROTTLE_PAUSES:
            self.pace()
            try:
                return send_email(self.ses, request, rendered, files, **names)
            except NotNow as not_now:
                if not_now.state != THROTTLED:
                    raise
                self.sleep(pause)
        self.pace()
        return send_email(self.ses, request, rendered, files, **names)

    def _known(self, request: Request, item: dict[str, Any]) -> Outcome:
        """What became of a message that is not ours to send."""
        if item.get("fingerprint") != request.fingerprint:
            raise KeyReused("another message was asked for with this idempotency key")
        state, reason = SENT if "sent_at" in item else item["state"], item.get("reason", "")
        if state in ENDED and not item.get("told"):
            return self._tell(request, state, reason)
        if state == SCHEDULED and request.send_at:
            self.schedules.add(request.id, request.send_at, queued(request, self.files.keep(request)))
        if state == CLAIMED:
            wait = (parsed(item["resend_after"]) - self.now()).total_seconds()
            reason = "a try has claimed it, and its outcome is not known yet"
            return Outcome(id=request.id, state=state, reason=reason, again_in=max(1, wait))
        return Outcome(id=request.id, state=state, reason=reason)


def why(suppression: Suppression) -> str:
    until = f" until {suppression.until}" if suppression.until else ""
    message = f" (message {suppression.message_id})" if suppression.message_id else ""
    return f"{suppression.reason} since {suppression.at}{until}{message}"


def failed_event(request: Request, state: str, reason: str, now: datetime) -> dict[str, Any]:
    return {
        "id": f"{request.id}-{state}",
        "message": request.id,
        "recipient": request.recipient,
        "stream": request.stream,
        "template": request.template,
        "ticket": request.ticket,
        "state": state,
        "reason": reason,
        "at": iso(now),
    }
