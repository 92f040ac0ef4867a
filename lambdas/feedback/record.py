"""What an SES event changes: the recipient first, then the world is told, and the message's timeline last.

The timeline's entry says that the event was dealt with. A repeat finds it and does nothing; a crash before it is
written makes the repeat do all of it again, which changes nothing that was done. One thing cannot wait for the rest:
any event says that SES took the mail, and that keeps the outbox from sending it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.shared.recipients import ALL, Recipients, Suppression

if TYPE_CHECKING:
    from lambdas.feedback.ses_event import SesEvent
    from lambdas.shared.messages import Happening, Messages

ANNOUNCED = {
    "Send": "MailSent",
    "Delivery": "MailDelivered",
    "Bounce": "MailBounced",
    "Complaint": "MailComplained",
}


ENGAGEMENT = {"Open", "Click"}
RECIPIENTS_LENGTH = 5000  # characters; only mail of other applications has more than one
TIMELINE = 200  # entries; whoever knows a pixel's address could fill the item with opens


@dataclass(frozen=True, kw_only=True)
class Feedback:
    messages: Messages
    recipients: Recipients
    emit: Callable[[str, dict[str, Any]], None]

    def record(self, event: SesEvent) -> None:
        message_id = event.message_id or f"ses-{event.ses_id}"
        known = self.messages.get(message_id)
        if known and any(seen.key == event.happening.key for seen in known.timeline):
            return
        if known and len(known.timeline) >= TIMELINE and event.happening.kind in ENGAGEMENT:
            return
        try:
            self._suppress(event, message_id)
            if detail_type := ANNOUNCED.get(event.happening.kind):
                self.emit(detail_type, mail_event(event, message_id))
        except Exception:
            self.messages.taken(message_id, event.ses_id, event.taken_at)
            raise
        self.messages.happened(message_id, event.happening, **learned(event))

    def _suppress(self, event: SesEvent, message_id: str) -> None:
        verdict = VERDICTS.get(event.happening.kind, nothing)(event.happening, event.stream)
        if not verdict:
            return
        scope, reason = verdict
        for address in event.recipients:
            suppression = Suppression(
                scope=scope,
                reason=reason,
                message_id=message_id,
                evidence=event.happening.key,
                at=event.happening.at,
            )
            if self.recipients.suppress(address, suppression):
                self.emit("RecipientSuppressed", suppressed_event(address, suppression))


def bounced(happening: Happening, stream: str | None) -> tuple[str, str] | None:
    """A permanent bounce stops all mail, unless SES could not even read the address (NoEmail). That SES has the
    address on a suppression list says less: a complaint about one stream may have put it there."""
    subtype = happening.facts["subtype"]
    if happening.facts["type"] != "Permanent" or subtype == "NoEmail":
        return None
    scope = (stream or "marketing") if subtype.endswith("SuppressionList") else ALL
    return scope, f"permanent bounce ({subtype})"


def complained(happening: Happening, stream: str | None) -> tuple[str, str] | None:
    """A complaint stops the stream it is about; one about mail that is not ours counts as one about marketing.
    The type `not-spam` is the opposite of a complaint."""
    if happening.facts.get("type") == "not-spam":
        return None
    return stream or "marketing", f"complaint ({happening.facts.get('type', 'no type given')})"


def nothing(_happening: Happening, _stream: str | None) -> None:
    return None


VERDICTS: dict[str, Callable[[Happening, str | None], tuple[str, str] | None]] = {
    "Bounce": bounced,
    "Complaint": complained,
}


def learned(event: SesEvent) -> dict[str, str]:
    """What an event tells about the message itself, the same in each of its events."""
    facts = {
        "recipient": ", ".join(event.destination)[:RECIPIENTS_LENGTH],
        "stream": event.stream,
        "template": event.template,
        "ticket": event.ticket,
        "ses_id": event.ses_id,
        "sent_at": event.taken_at,
    }
    return {name: value for name, value in facts.items() if value}


def mail_event(event: SesEvent, message_id: str) -> dict[str, Any]:
    return {
        "id": f"{message_id}-{event.happening.key}",
        "message": message_id,
        "ses_id": event.ses_id,
        "recipients": list(event.recipients),
        "stream": event.stream,
        "template": event.template,
        "ticket": event.ticket,
        "at": event.happening.at,
        "facts": event.happening.facts,
    }


def suppressed_event(address: str, suppression: Suppression) -> dict[str, Any]:
    return {
        "id": f"{suppression.evidence}-{suppression.scope}-{hashlib.sha256(address.encode()).hexdigest()[:12]}",
        "recipient": address,
        "scope": suppression.scope,
        "reason": suppression.reason,
        "message": suppression.message_id,
        "at": suppression.at,
    }
