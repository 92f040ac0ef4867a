"""SES's sending events, as configuration sets and identity notifications publish them, as values. Pure.

Source: SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon SNS". SES adds kinds,
subtypes and fields without notice: what is not known here is kept under its own name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdas.shared.messages import Happening
from lambdas.shared.queue import Rejected

# What SES publishes to see that it may, when an event destination is made; it is no event.
VALIDATION = "Successfully validated SNS topic for Amazon SES event publishing."
MESSAGE_TAG, STREAM_TAG, TEMPLATE_TAG = "mailroom-message", "mailroom-stream", "mailroom-template"
TICKET_TAG = "mailroom-ticket"
FACT_LENGTH = 500  # characters; diagnostics and user agents come from outside


@dataclass(frozen=True, kw_only=True)
class SesEvent:
    """One event of one mail.

    `recipients` are those it speaks of, `destination` those of the whole mail, which SES took at `taken_at`.
    `message_id`, `stream`, `template` and `ticket` are our own tags, absent on mail that another application sent.
    """

    ses_id: str
    message_id: str | None
    stream: str | None
    template: str | None
    ticket: str | None
    taken_at: str
    destination: tuple[str, ...]
    recipients: tuple[str, ...]
    happening: Happening


def happened(event: dict[str, Any]) -> SesEvent:
    try:
        kind = event.get("eventType") or event["notificationType"]
        mail = event["mail"]
        describe = DESCRIPTIONS.get(kind, unknown)
        described = describe(event, mail)
        tags = mail.get("tags", {})
        return SesEvent(
            ses_id=mail["messageId"],
            message_id=tags.get(MESSAGE_TAG, [None])[0],
            stream=tags.get(STREAM_TAG, [None])[0],
            template=tags.get(TEMPLATE_TAG, [None])[0],
            ticket=tags.get(TICKET_TAG, [None])[0],
            taken_at=mail["timestamp"],
            destination=tuple(mail["destination"]),
            recipients=tuple(described.recipients or mail["destination"]),
            happening=Happening(
                key=f"{kind}#{described.discriminator}",
                kind=kind,
                at=described.at or mail["timestamp"],
                facts={name: str(value)[:FACT_LENGTH] for name, value in described.facts.items() if value is not None},
            ),
        )
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise Rejected(f"no SES event: {type(error).__name__} {error}") from None


@dataclass(frozen=True, kw_only=True)
class Described:
    """`discriminator` tells this event from others of its kind for the same mail, and is the same on a repeat."""

    discriminator: str
    at: str | None
    recipients: list[str]
    facts: dict[str, Any]


def bounce(event: dict[str, Any], _mail: dict[str, Any]) -> Described:
    part = event["bounce"]
    first = part["bouncedRecipients"][0] if part["bouncedRecipients"] else {}
    return Described(
        discriminator=part["feedbackId"],
        at=part["timestamp"],
        recipients=[recipient["emailAddress"] for recipient in part["bouncedRecipients"]],
        facts={
            "type": part["bounceType"],
            "subtype": part["bounceSubType"],
            "status": first.get("status"),
            "diagnostic": first.get("diagnosticCode"),
        },
    )


def complaint(event: dict[str, Any], _mail: dict[str, Any]) -> Described:
    part = event["complaint"]
    return Described(
        discriminator=part["feedbackId"],
        at=part["timestamp"],
        recipients=[recipient["emailAddress"] for recipient in part["complainedRecipients"]],
        facts={"type": part.get("complaintFeedbackType"), "subtype": part.get("complaintSubType")},
    )


def delivery(event: dict[str, Any], mail: dict[str, Any]) -> Described:
    part = event["delivery"]
    facts = {"response": part.get("smtpResponse"), "milliseconds": part.get("processingTimeMillis")}
    return Described(discriminator=mail["messageId"], at=part["timestamp"], recipients=part["recipients"], facts=facts)


def delay(event: dict[str, Any], mail: dict[str, Any]) -> Described:
    part = event["deliveryDelay"]
    recipients = part["delayedRecipients"]
    return Described(
        discriminator=f"{mail['messageId']}#{part['timestamp']}",
        at=part["timestamp"],
        recipients=[recipient["emailAddress"] for recipient in recipients],
        facts={"type": part["delayType"], "status": recipients[0].get("status") if recipients else None},
    )


def sent(_event: dict[str, Any], mail: dict[str, Any]) -> Described:
    return Described(discriminator=mail["messageId"], at=None, recipients=[], facts={})


def reject(event: dict[str, Any], mail: dict[str, Any]) -> Described:
    facts = {"reason": event["reject"].get("reason")}
    return Described(discriminator=mail["messageId"], at=None, recipients=[], facts=facts)


def rendering_failure(event: dict[str, Any], mail: dict[str, Any]) -> Described:
    facts = {"reason": event["failure"].get("errorMessage")}
    return Described(discriminator=mail["messageId"], at=None, recipients=[], facts=facts)


def engagement(name: str) -> Callable[[dict[str, Any], dict[str, Any]], Described]:
    """Opens and clicks: many may come for one mail, at different moments."""

    def describe(event: dict[str, Any], _mail: dict[str, Any]) -> Described:
        part = event[name]
        facts = {"link": part.get("link"), "agent": part.get("userAgent"), "bot": part.get("isBotEvent")}
        return Described(discriminator=fingerprint(part), at=part["timestamp"], recipients=[], facts=facts)

    return describe


def unknown(event: dict[str, Any], _mail: dict[str, Any]) -> Described:
    rest = {name: value for name, value in event.items() if name not in {"eventType", "notificationType", "mail"}}
    return Described(discriminator=fingerprint(rest), at=None, recipients=[], facts={"event": json.dumps(rest)})


def fingerprint(part: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16]


DESCRIPTIONS: dict[str, Callable[[dict[str, Any], dict[str, Any]], Described]] = {
    "Send": sent,
    "Delivery": delivery,
    "DeliveryDelay": delay,
    "Bounce": bounce,
    "Complaint": complaint,
    "Reject": reject,
    "Rendering Failure": rendering_failure,
    "Open": engagement("open"),
    "Click": engagement("click"),
}
