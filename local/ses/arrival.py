"""A mail that came in: the headers SES puts before it, and what SES tells SNS about it. Pure."""

import base64
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import format_datetime, getaddresses
from typing import Any

from local.ses.events import stamp

_HEADERS_BYTES = 10_240  # of an SNS notification (DG quotas)
_LISTS = {"from": "From", "replyTo": "Reply-To", "to": "To", "cc": "Cc"}
_TEXTS = {"date": "Date", "messageId": "Message-ID", "subject": "Subject"}


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """`sender` is the envelope's, empty for a bounce; `verdicts` has a status for each of verdicts.KINDS."""

    id: str
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    client: str
    region: str
    verdicts: Mapping[str, str]
    dmarc_policy: str
    raw: bytes

    def unscanned(self) -> "Arrival":
        """As a rule sees it that does not have mail scanned for spam and viruses."""
        return dataclasses.replace(self, verdicts={**self.verdicts, "spam": "DISABLED", "virus": "DISABLED"})

    def stored(self, extra: Sequence[tuple[str, str]] = ()) -> bytes:
        """What goes to S3: SES's own headers, those of AddHeaderAction, then the mail as it came."""
        lines = [*self._headers(), *extra]
        return "".join(f"{name}: {value}\r\n" for name, value in lines).encode("utf-8") + self.raw

    def _headers(self) -> list[tuple[str, str]]:
        """In SES's order (DG receiving-email-notifications-examples)."""
        said = {kind: status.lower() for kind, status in self.verdicts.items()}
        host = f"inbound-smtp.{self.region}.amazonaws.com"
        received = f"from {self.client} by {host} with SMTP id {self.id} for {self.recipients[0]}"
        results = f"amazonses.com; spf={said['spf']} client-ip=127.0.0.1; dkim={said['dkim']}; dmarc={said['dmarc']}"
        return [
            ("Return-Path", f"<{self.sender}>"),
            ("Received", f"{received}; {format_datetime(self.at)}"),
            ("X-SES-Spam-Verdict", self.verdicts["spam"]),
            ("X-SES-Virus-Verdict", self.verdicts["virus"]),
            ("Received-SPF", f"{said['spf']} (spfCheck: as told to the embedded SES) client-ip=127.0.0.1;"),
            ("Authentication-Results", results),
            ("X-SES-RECEIPT", base64.b64encode(self.id.encode()).decode()),
        ]

    def notification(self, matched: Sequence[str], action: dict[str, Any], *, now: datetime) -> dict[str, Any]:
        """DG receiving-email-notifications-contents. `matched` are the recipients that met the rule."""
        receipt: dict[str, Any] = {
            "timestamp": stamp(self.at),
            "processingTimeMillis": round((now - self.at).total_seconds() * 1000),
            "recipients": list(matched),
            **{f"{kind}Verdict": {"status": status} for kind, status in self.verdicts.items()},
            "action": action,
        }
        if self.verdicts["dmarc"] == "FAIL":
            receipt["dmarcPolicy"] = self.dmarc_policy
        return {"notificationType": "Received", "receipt": receipt, "mail": self._mail()}

    def _mail(self) -> dict[str, Any]:
        message = message_from_bytes(self.stored())
        headers = [{"name": name, "value": _text(value)} for name, value in message.items()]
        kept, size = [], 0
        for header in headers:
            size += len(header["name"]) + len(header["value"]) + 4
            kept += [header] if size <= _HEADERS_BYTES else []
        return {
            "timestamp": stamp(self.at),
            "source": self.sender,
            "messageId": self.id,
            "destination": [address for _, address in getaddresses(_all(message, "To") + _all(message, "Cc"))],
            "headersTruncated": len(kept) < len(headers),
            "headers": kept,
            "commonHeaders": self._common(message),
        }

    def _common(self, message: Message) -> dict[str, Any]:
        common: dict[str, Any] = {"returnPath": self.sender}
        for key, name in _LISTS.items():
            if found := [_mailbox(*pair) for pair in getaddresses(_all(message, name)) if pair[1]]:
                common[key] = found
        texts = {key: _all(message, name) for key, name in _TEXTS.items()}
        return {**common, **{key: values[0] for key, values in texts.items() if values}}


def _all(message: Message, name: str) -> list[str]:
    return [_text(value) for value in message.get_all(name, [])]


def _mailbox(name: str, address: str) -> str:
    return f"{name} <{address}>" if name else address


def _text(value: object) -> str:
    """Unfolded and with encoded words decoded, as SES gives them; undecodable ones as they stand."""
    line = " ".join(str(value).split("\r\n")).replace("\n", " ")
    try:
        return str(make_header(decode_header(line)))
    except (LookupError, UnicodeError, ValueError):
        return line.encode("utf-8", "replace").decode()
