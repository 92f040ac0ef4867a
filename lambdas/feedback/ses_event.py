"""SES's sending events as values: as configuration sets publish them, and as identity notifications have them. Pure.

Sources: SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon SNS" and "Amazon SNS
notification contents for Amazon SES". An identity notification says `notificationType` in place of `eventType`, knows
bounces, complaints and deliveries only, and has no tags. SES adds kinds, subtypes and fields without notice: what is
not known here is kept under its own name.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdas.shared.counts.contributions import MARKETING, TRANSACTIONAL
from lambdas.shared.messages import MESSAGE_HEADER, MESSAGE_ID, MESSAGE_TAG
from lambdas.shared.queue import Rejected
from lambdas.shared.recipients import domain_of
from lambdas.shared.timeline import Happening
from lambdas.shared.timestamps import iso, parsed

# What SES publishes to see that it may, when an event destination is made; it is no event.
VALIDATION = "Successfully validated SNS topic for Amazon SES event publishing."
STREAM_TAG, TEMPLATE_TAG, TICKET_TAG = "mailroom-stream", "mailroom-template", "mailroom-ticket"
FROM_DOMAIN_TAG = "ses:from-domain"
FACT_LENGTH = 500  # characters; diagnostics and user agents come from outside
UNDETERMINED = "Undetermined"
IN_BRACKETS = re.compile(r"<([^<>\s]+@[^<>\s]+)>\s*$")


@dataclass(frozen=True, kw_only=True)
class SesEvent:
    """One event of one mail.

    `recipients` are those it speaks of, `destination` those of the whole mail, which SES took at `taken_at`.
    `message_id`, `stream`, `template` and `ticket` are our own tags, absent on mail that another application sent.
    `by_mail`: a report that came as mail said so, and no event of SES.
    """

    ses_id: str
    message_id: str | None
    stream: str | None
    template: str | None
    ticket: str | None
    from_domain: str
    taken_at: str
    destination: tuple[str, ...]
    recipients: tuple[str, ...]
    happening: Happening
    by_mail: bool = False


def happened(event: dict[str, Any]) -> SesEvent:
    """Rejected if it is no event of SES."""
    try:
        return read(event)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Rejected(f"no SES event: {type(error).__name__} {error}") from None


def read(event: dict[str, Any]) -> SesEvent:
    kind, mail = event.get("eventType") or event["notificationType"], event["mail"]
    described = DESCRIPTIONS.get(kind, unknown)(event, mail)
    tags = mail.get("tags") or {}
    by_mail = event.get("reportedBy") == "mail"
    facts = described.facts | ({"reported_by": "mail"} if by_mail else {})
    return SesEvent(
        ses_id=mail["messageId"],
        message_id=tag(tags, MESSAGE_TAG) or (None if tags else named(mail)),
        stream=stream_of(tags),
        template=tag(tags, TEMPLATE_TAG),
        ticket=tag(tags, TICKET_TAG),
        from_domain=tag(tags, FROM_DOMAIN_TAG) or domain_of(mail.get("source") or ""),
        taken_at=moment(mail["timestamp"]),
        destination=tuple(map(address, mail["destination"])),
        recipients=tuple(map(address, described.recipients or mail["destination"])),
        happening=Happening(
            key=f"{kind}#{described.discriminator}",
            kind=kind,
            at=moment(described.at or mail["timestamp"]),
            facts={name: fact(value) for name, value in facts.items() if value is not None},
        ),
        by_mail=by_mail,
    )


def tag(tags: dict[str, list[str]], name: str) -> str | None:
    return tags[name][0] if name in tags else None


def stream_of(tags: dict[str, list[str]]) -> str | None:
    """Whoever sends by SMTP may write any tag; a stream that is none of ours would stop mail that nobody sends."""
    found = tag(tags, STREAM_TAG)
    return found if found in {TRANSACTIONAL, MARKETING} else None


def named(mail: dict[str, Any]) -> str | None:
    """Our message id in the mail's own header, which a notification has if the identity is set to include it."""
    headers = mail.get("headers") or []
    found = (header["value"] for header in headers if header["name"].lower() == MESSAGE_HEADER.lower())
    return next(filter(MESSAGE_ID.fullmatch, found), None)


def address(text: str) -> str:
    """Without the name that it may have: a bounce without a report of the receiving server's says what `To` says."""
    found = IN_BRACKETS.search(text)
    return found[1] if found else text


def fact(value: object) -> str:
    """Half of a character that JSON writes as two, where a server's words were cut, could be written nowhere."""
    return str(value)[:FACT_LENGTH].encode(errors="replace").decode()


def moment(text: str) -> str:
    """SES's times in the one form that sorts as text."""
    return iso(parsed(text))


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
            "type": part.get("bounceType") or UNDETERMINED,
            "subtype": part.get("bounceSubType") or UNDETERMINED,
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
        facts={
            "type": part.get("complaintFeedbackType"),
            "subtype": part.get("complaintSubType"),
            "agent": part.get("userAgent"),
        },
    )


def delivery(event: dict[str, Any], mail: dict[str, Any]) -> Described:
    part = event["delivery"]
    facts = {"response": part.get("smtpResponse"), "milliseconds": part.get("processingTimeMillis")}
    to = part["recipients"]
    return Described(discriminator=of_whom(mail, to), at=part["timestamp"], recipients=to, facts=facts)


def delay(event: dict[str, Any], mail: dict[str, Any]) -> Described:
    part = event["deliveryDelay"]
    first = part["delayedRecipients"][0] if part["delayedRecipients"] else {}
    recipients = [recipient["emailAddress"] for recipient in part["delayedRecipients"]]
    return Described(
        discriminator=f"{of_whom(mail, recipients)}#{part['timestamp']}",
        at=part["timestamp"],
        recipients=recipients,
        facts={
            "type": part.get("delayType") or UNDETERMINED,
            "status": first.get("status"),
            "diagnostic": first.get("diagnosticCode"),
            "until": part.get("expirationTime"),
        },
    )


def sent(_event: dict[str, Any], mail: dict[str, Any]) -> Described:
    return Described(discriminator=mail["messageId"], at=None, recipients=[], facts={})


def reject(event: dict[str, Any], mail: dict[str, Any]) -> Described:
    facts = {"reason": event["reject"].get("reason")}
    return Described(discriminator=mail["messageId"], at=None, recipients=[], facts=facts)


def rendering_failure(event: dict[str, Any], mail: dict[str, Any]) -> Described:
    facts = {"reason": event["failure"].get("errorMessage"), "template": event["failure"].get("templateName")}
    return Described(discriminator=mail["messageId"], at=None, recipients=[], facts=facts)


def engagement(name: str) -> Callable[[dict[str, Any], dict[str, Any]], Described]:
    """Opens and clicks: many may come for one mail, at different moments."""

    def describe(event: dict[str, Any], _mail: dict[str, Any]) -> Described:
        part = event[name]
        facts = {"link": part.get("link"), "agent": part.get("userAgent"), "bot": part.get("isBotEvent")}
        return Described(discriminator=fingerprint(part), at=part["timestamp"], recipients=[], facts=facts)

    return describe


def subscription(event: dict[str, Any], _mail: dict[str, Any]) -> Described:
    """Of SES's own contact lists, which another application may use: what the recipient wants from now on."""
    part = event["subscription"]
    wanted = part.get("newTopicPreferences") or {}
    topics = wanted.get("topicSubscriptionStatus") or []
    facts = {
        "list": part.get("contactList"),
        "source": part.get("source"),
        "unsubscribed": "all" if wanted.get("unsubscribeAll") else None,
        "topics": ", ".join(f"{topic['topicName']} {topic['subscriptionStatus']}" for topic in topics) or None,
    }
    return Described(discriminator=fingerprint(part), at=part["timestamp"], recipients=[], facts=facts)


def unknown(event: dict[str, Any], _mail: dict[str, Any]) -> Described:
    rest = {name: value for name, value in event.items() if name not in {"eventType", "notificationType", "mail"}}
    return Described(discriminator=fingerprint(rest), at=None, recipients=[], facts={"event": json.dumps(rest)})


def of_whom(mail: dict[str, Any], recipients: list[str]) -> str:
    """SES tells of each recipient's server alone, of a mail of another application's that has several."""
    several = len(mail["destination"]) > 1
    return f"{mail['messageId']}#{fingerprint(sorted(recipients))}" if several else str(mail["messageId"])


def fingerprint(part: object) -> str:
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
    "Subscription": subscription,
}
