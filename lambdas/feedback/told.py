"""What the world is told of an event: the details of MailSent, MailDelivered, MailBounced and MailComplained. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambdas.feedback.ses_event import SesEvent

ALWAYS = {"Bounce": "MailBounced", "Complaint": "MailComplained"}
IF_ASKED = {"Send": "MailSent", "Delivery": "MailDelivered"}  # or of a ticket, which has to know


def detail_type(event: SesEvent, announce: frozenset[str]) -> str | None:
    """What the event is called on the bus; None if it is not told. `announce` are the names that the stage asks for."""
    kind = event.happening.kind
    asked = IF_ASKED.get(kind)
    return ALWAYS.get(kind) or (asked if event.ticket or asked in announce else None)


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
