"""What of a mail is kept in its ticket, and how much of it. Pure.

DynamoDB takes items of 400 KB, EventBridge events of 256 KB, and a mail has up to 40 MB: all that comes from outside
is cut here, in bytes of UTF-8. The whole mail stays in the bucket.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambdas.inbound.judge import flags
from lambdas.inbound.thread import participants
from lambdas.shared.recipients import canonical
from lambdas.shared.tickets.change import PARTICIPANTS, searched
from lambdas.shared.tickets.ticket import Attachment, Ticket, TicketMessage

if TYPE_CHECKING:
    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail

TEXT, SUBJECT, NAME, REASON = 100_000, 1_000, 255, 1_000  # bytes
SENDER = 320  # bytes of an address that is only shown; more than any that mail can go to
ATTACHMENTS = 200
# RFC 6838 section 4.2; a value goes into an HTTP header of whoever downloads the file.
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")


def new_ticket(
    received: Received, mail: Mail, *, number: int, mailbox: str, tokens: tuple[str, str], own: set[str]
) -> Ticket:
    """The ticket that a mail opens. Whom else it names takes part only if From is what it says (DMARC)."""
    requester = canonical(author(received, mail)) or "unknown"
    others = participants(mail, own) if received.dmarc == "PASS" else []
    return Ticket(
        number=number,
        subject=cut(mail.subject, SUBJECT),
        status="new",
        mailbox=mailbox,
        requester=requester,
        requester_name=name(mail),
        participants=frozenset(list(dict.fromkeys([requester, *others]))[:PARTICIPANTS]),
        token=tokens[0],
        team_token=tokens[1],
        created_at=received.at,
        updated_at=received.at,
        search=searched(mail.subject, requester, name(mail), mail.reply),
    )


def message(received: Received, mail: Mail, kept: list[Attachment], doubts: tuple[str, ...]) -> TicketMessage:
    """A mail as a message of a ticket; `kept` of its attachments, and what is doubtful about where it belongs."""
    more = len(mail.attachments) - len(kept)
    left = (f"{more} more attachments, only in the raw mail",) if more else ()
    return TicketMessage(
        id=received.ses_id,
        message_id=mail.message_id,
        at=received.at,
        sender=author(received, mail),
        sender_name=name(mail),
        subject=cut(mail.subject, SUBJECT),
        text=cut(mail.text or "", TEXT),
        reply=cut(mail.reply, TEXT),
        kind=mail.kind,
        flags=(*flags(received), *doubts, *left),
        raw_key=received.raw_key,
        attachments=tuple(kept),
    )


def stored(received: Received, mail: Mail) -> list[Attachment]:
    """The attachments that get an object of their own, in their order."""
    return [
        Attachment(
            filename=cut(file.filename, NAME),
            content_type=content_type(file.content_type),
            size=file.size,
            key=f"attachments/{received.ses_id}/{index}",
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
