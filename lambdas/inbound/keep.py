"""What of a mail is kept in its ticket, and how much of it. Pure.

DynamoDB takes items of 400 KB, EventBridge events of 256 KB, and a mail has up to 40 MB: all that comes from outside
is cut here, in bytes of UTF-8. The whole mail stays in the bucket.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.inbound.judge import flags
from lambdas.shared.bucket import attachments_of
from lambdas.shared.recipients import canonical
from lambdas.shared.tickets.change import PARTICIPANTS, searched
from lambdas.shared.tickets.ticket import NEW, Attachment, Ticket, TicketMessage
from lambdas.shared.tokens.make import base32

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail

TEXT, SUBJECT, NAME, REASON = 100_000, 1_000, 255, 1_000  # bytes
SENDER = 320  # bytes of an address that is only shown; more than any that mail can go to
ATTACHMENTS = 200
# RFC 6838 section 4.2; a value goes into an HTTP header of whoever downloads the file.
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks what: the author of a mail, or of the mail within it that a team member forwards, named in `flag`."""

    email: str
    name: str
    subject: str
    text: str
    flag: str = ""


def asked(received: Received, mail: Mail) -> Asked:
    return Asked(
        email=author(received, mail),
        name=name(mail),
        subject=cut(mail.subject, SUBJECT),
        text=cut(mail.reply, TEXT),
    )


def new_ticket(
    asked: Asked, at: str, *, number: int, mailbox: str, others: Iterable[str], follows: int | None = None
) -> Ticket:
    """The ticket that a mail opens; `others` take part besides who asks."""
    requester = canonical(asked.email) or "unknown"
    return Ticket(
        number=number,
        subject=asked.subject,
        status=NEW,
        mailbox=mailbox,
        requester=requester,
        requester_name=asked.name,
        participants=frozenset(list(dict.fromkeys([requester, *others]))[:PARTICIPANTS]),
        token=base32(secrets.token_bytes(16)),
        team_token=base32(secrets.token_bytes(16)),
        created_at=at,
        updated_at=at,
        follows=follows,
        search=searched(asked.subject, requester, asked.name, asked.text),
    )


def message(
    received: Received, mail: Mail, asked: Asked, kept: Sequence[Attachment], doubts: Iterable[str]
) -> TicketMessage:
    """A mail as a message of a ticket; `kept` of its attachments, and what is doubtful about where it belongs."""
    more = len(mail.attachments) - len(kept)
    left = f"{more} more attachments, only in the raw mail" if more else ""
    return TicketMessage(
        id=received.ses_id,
        message_id=mail.message_id,
        at=received.at,
        sender=asked.email,
        sender_name=asked.name,
        subject=asked.subject,
        text=cut(mail.text or "", TEXT),
        reply=asked.text,
        kind=mail.kind,
        flags=tuple(flag for flag in (*flags(received), asked.flag, *doubts, left) if flag),
        raw_key=received.raw_key,
        attachments=tuple(kept),
    )


def content(mail: Mail, at: str) -> str:
    """What two copies of a mail have in common, whatever servers on their ways wrote on top of them, hashed. What has
    neither Message-ID nor Date, as a script may send it, is the same mail within a day only; `at` is when it came."""
    when = mail.date or ("" if mail.message_id else at[:10])
    sender = mail.sender.email if mail.sender else ""
    told = (mail.message_id or "", sender, mail.subject, when, mail.text or "", mail.html or "")
    parts = [text.encode("utf-8", "replace") for text in told] + [file.content for file in mail.attachments]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def stored(received: Received, mail: Mail) -> list[Attachment]:
    """The attachments that get an object of their own, in their order."""
    return [
        Attachment(
            filename=cut(file.filename, NAME),
            content_type=content_type(file.content_type),
            size=file.size,
            key=f"{attachments_of(received.ses_id)}{index}",
        )
        for index, file in enumerate(mail.attachments[:ATTACHMENTS])
    ]


def author(received: Received, mail: Mail) -> str:
    """The address in From; the envelope's where there is none."""
    written = mail.sender.email if mail.sender else ""
    return cut(written if "@" in written else received.source or written, SENDER)


def name(mail: Mail) -> str:
    return cut(mail.sender.name, NAME) if mail.sender else ""


def content_type(written: str) -> str:
    return written if MEDIA_TYPE.fullmatch(written) else "application/octet-stream"


def cut(text: str, octets: int) -> str:
    """At most so many bytes of a text, whole characters."""
    return text[:octets].encode("utf-8", "replace")[:octets].decode("utf-8", "ignore")
