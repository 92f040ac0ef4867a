"""What is asked of the outbox: one mail to one recipient, complete, and with what makes it impossible, if anything.

Impossible          the message tells the caller what to change
├── BadAddress      SES could not deliver to it
├── BadTime         send_at has passed, or is more than a year ahead
├── BadAttachment   a file cannot be had, or is too large (attachments.py)
├── NotFromHere     the stream's mail may not come from that domain (senders.py)
└── RulesBroken     mailbox providers would refuse it (sender_rules.py)
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from lambdas.shared.messages import Outgoing, message_id
from lambdas.shared.timestamps import parsed

AT_ONCE = timedelta(seconds=30)  # EventBridge Scheduler is precise to the minute; what is due by then goes now
LATE = timedelta(minutes=5)  # a request may have waited this long on its way
HORIZON = timedelta(days=366)
ADDRESS_OCTETS, LOCAL_OCTETS = 254, 64  # RFC 5321 section 4.5.3.1, with the path's angle brackets taken off


NOT_THE_MAIL = ("idempotency_key", "send_before")  # a repeated request may say these anew


class Impossible(Exception):
    pass


class BadAddress(Impossible):
    pass


class BadTime(Impossible):
    pass


@dataclass(frozen=True, kw_only=True)
class Request(Outgoing):
    """A message and all that makes it. `problem` is what the caller has to change before it can be sent; `detail` the
    SendMail detail that asks for this one recipient."""

    data: dict[str, Any] = field(default_factory=dict)
    locale: str | None = None
    sender: str | None = None
    reply_to: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    attachments: tuple[dict[str, Any], ...] = ()
    send_at: datetime | None = None
    send_before: datetime | None = None
    problem: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def requests(event: dict[str, Any], now: datetime) -> list[Request]:
    """The requests of a SendMail event whose detail fits its schema: one for each recipient."""
    detail = event["detail"]
    key = detail.get("idempotency_key", event["id"])
    if isinstance(detail["to"], str):
        return [request(event, detail, detail["to"], key, now)]
    return [request(event, detail, to, f"{key}|{to}", now) for to in dict.fromkeys(detail["to"])]


def request(event: dict[str, Any], detail: dict[str, Any], to: str, key: str, now: datetime) -> Request:
    asked = Request(
        id=message_id(key),
        recipient=to,
        stream=detail.get("stream", "transactional"),
        template=detail["template"],
        ticket=detail.get("ticket"),
        fingerprint=event.get("fingerprint") or fingerprint(detail, to),
        data=detail.get("data", {}),
        locale=detail.get("locale"),
        sender=detail.get("from"),
        headers=detail.get("headers", {}),
        attachments=tuple(detail.get("attachments", ())),
        detail=detail | {"to": to, "idempotency_key": key},
    )
    try:
        return replace(
            asked,
            recipient=deliverable(to),
            reply_to=deliverable(detail["reply_to"]) if "reply_to" in detail else None,
            send_at=due(detail["send_at"], now, asked_at(event, now)) if "send_at" in detail else None,
            send_before=moment("send_before", detail["send_before"]) if "send_before" in detail else None,
        )
    except Impossible as problem:
        return replace(asked, problem=str(problem))


def queued(asked: Request, attachments: list[dict[str, Any]]) -> str:
    """The event that asks for the same message again, now or when it is due. It keeps the first request's
    fingerprint, because its attachments may have moved and its time is no longer part of it."""
    detail = asked.detail | ({"attachments": attachments} if attachments else {})
    detail.pop("send_at", None)
    event = {"id": asked.id, "detail-type": "SendMail", "fingerprint": asked.fingerprint, "detail": detail}
    return json.dumps(event)


def fingerprint(detail: dict[str, Any], to: str) -> str:
    """What tells a repeated request from another one with the same idempotency key."""
    asked = {name: value for name, value in detail.items() if name not in NOT_THE_MAIL} | {"to": to}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def deliverable(address: str) -> str:
    """The address as SES takes it: an ASCII local part (SES has no SMTPUTF8), the domain in punycode."""
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise BadAddress("the part of an address before the @ must be ASCII: SES delivers to no other")
    try:
        ascii_domain = domain.encode("idna").decode()
    except UnicodeError:
        raise BadAddress("the part of an address after the @ is no domain") from None
    if len(local) > LOCAL_OCTETS or len(local) + 1 + len(ascii_domain) > ADDRESS_OCTETS:
        raise BadAddress("the address is longer than SMTP allows (RFC 5321)")
    return f"{local}@{ascii_domain}"


def asked_at(event: dict[str, Any], now: datetime) -> datetime:
    """EventBridge says when an event was put. What waits in the queue since then has not been asked for too late."""
    return parsed(event["time"]) if "time" in event else now


def due(text: str, now: datetime, asked: datetime) -> datetime | None:
    """When to send; None for at once."""
    at = moment("send_at", text)
    if at < asked - LATE:
        raise BadTime("send_at has passed")
    if at > now + HORIZON:
        raise BadTime("send_at is more than a year ahead")
    return at if at > now + AT_ONCE else None


def moment(name: str, text: str) -> datetime:
    try:
        at = parsed(text)
    except ValueError:
        raise BadTime(f"{name} is no time as ISO 8601 has it, like 2026-12-24T18:00:00Z") from None
    if at.tzinfo is None:
        raise BadTime(f"{name} has no time zone: add Z, or an offset like +01:00")
    return at
