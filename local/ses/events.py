"""What SES reports about a sent message, in the JSON of event publishing (DG event-publishing-retrieving-sns-contents).

Pure: a message and a moment in, an event out. `kind` is the API's spelling (SEND, DELIVERY_DELAY, ...).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import getaddresses, parseaddr
from typing import Any

from local.ses.draft import Draft

_MTA = "a8-50.smtp-out.amazonses.com"
_HEADERS_BYTES = 10_240  # headersTruncated beyond that
_SPELLED = {"RENDERING_FAILURE": "Rendering Failure", "DELIVERY_DELAY": "DeliveryDelay"}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A message SES has accepted; `raw` is what the receiving server gets."""

    id: str
    at: datetime
    source: str
    source_arn: str
    account: str
    recipients: tuple[str, ...]
    configuration_set: str
    tags: dict[str, list[str]]
    draft: Draft
    return_path: str
    raw: bytes


@dataclass(frozen=True, kw_only=True)
class Event:
    kind: str
    body: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Why a mail bounced: bounceType and bounceSubType, the status of RFC 3463, and diagnosticCode, if any."""

    kind: str
    sub_kind: str
    status: str
    diagnostic: str


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def send(sent: Sent) -> Event:
    return _event("SEND", sent, send={})


def reject(sent: Sent) -> Event:
    return _event("REJECT", sent, reject={"reason": "Bad content"})


def delivery(sent: Sent, recipients: Sequence[str], *, at: datetime) -> Event:
    details = {
        "timestamp": stamp(at),
        "processingTimeMillis": round((at - sent.at).total_seconds() * 1000),
        "recipients": list(recipients),
        "smtpResponse": "250 2.0.0 OK",
        "reportingMTA": _MTA,
    }
    return _event("DELIVERY", sent, delivery=details)


def bounce(sent: Sent, recipients: Sequence[str], said: Answer, *, at: datetime, feedback_id: str) -> Event:
    diagnostic = {"diagnosticCode": said.diagnostic} if said.diagnostic else {}
    failed = {"action": "failed", "status": said.status, **diagnostic}
    details = {
        "feedbackId": feedback_id,
        "bounceType": said.kind,
        "bounceSubType": said.sub_kind,
        "bouncedRecipients": [{"emailAddress": address, **failed} for address in recipients],
        "timestamp": stamp(at),
        "reportingMTA": f"dns; {_MTA}",
    }
    return _event("BOUNCE", sent, bounce=details)


def complaint(sent: Sent, recipients: Sequence[str], *, at: datetime, feedback_id: str) -> Event:
    details = {
        "feedbackId": feedback_id,
        "complaintSubType": None,
        "complainedRecipients": [{"emailAddress": address} for address in recipients],
        "timestamp": stamp(at),
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": stamp(at),
    }
    return _event("COMPLAINT", sent, complaint=details)


def delivery_delay(sent: Sent, recipients: Sequence[str], *, at: datetime) -> Event:
    """SES tries for 14 hours unless MaxDeliverySeconds says less."""
    failed = {"status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host"}
    details = {
        "timestamp": stamp(at),
        "delayType": "TransientCommunicationFailure",
        "expirationTime": stamp(sent.at + timedelta(hours=14)),
        "delayedRecipients": [{"emailAddress": address, **failed} for address in recipients],
        "reportingMTA": _MTA,
    }
    return _event("DELIVERY_DELAY", sent, deliveryDelay=details)


def engagement(sent: Sent, *, at: datetime, link: str = "", bot: str = "Unlikely") -> Event:
    """Somebody opened the mail, or followed a link in it."""
    details = {"ipAddress": "192.0.2.7", "timestamp": stamp(at), "userAgent": "Mozilla/5.0", "isBotEvent": bot}
    if link:
        return _event("CLICK", sent, click=details | {"link": link, "linkTags": None})
    return _event("OPEN", sent, open=details)


def _event(kind: str, sent: Sent, **details: dict[str, Any]) -> Event:
    return Event(kind=kind, body={"eventType": _SPELLED.get(kind, kind.title()), "mail": _mail(sent), **details})


def _mail(sent: Sent) -> dict[str, Any]:
    headers = [{"name": name, "value": value} for name, value in sent.draft.unfolded()]
    kept = [header for index, header in enumerate(headers) if _size(headers[: index + 1]) <= _HEADERS_BYTES]
    return {
        "timestamp": stamp(sent.at),
        "source": sent.source,
        "sourceArn": sent.source_arn,
        "sendingAccountId": sent.account,
        "messageId": sent.id,
        "destination": list(sent.recipients),
        "headersTruncated": len(kept) < len(headers),
        "headers": kept,
        "commonHeaders": _common(sent),
        "tags": sent.tags,
    }


def _size(headers: list[dict[str, str]]) -> int:
    return sum(len(header["name"]) + len(header["value"]) + 4 for header in headers)


def _common(sent: Sent) -> dict[str, Any]:
    """messageId here is SES's id again, not the Message-ID on the wire."""
    lists = {"from": "From", "replyTo": "Reply-To", "to": "To", "cc": "Cc"}
    found = {key: _addresses(sent.draft.first(name)) for key, name in lists.items()}
    common: dict[str, Any] = {key: addresses for key, addresses in found.items() if addresses}
    if date := sent.draft.first("Date"):
        common["date"] = date
    return {**common, "messageId": sent.id, "subject": sent.draft.first("Subject")}


def _addresses(value: str) -> list[str]:
    return [f"{name} <{address}>" if name else address for name, address in getaddresses([value]) if address]


def domain(address: str) -> str:
    return parseaddr(address)[1].rpartition("@")[2].lower()
