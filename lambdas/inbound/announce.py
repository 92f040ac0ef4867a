"""What the world is told of a mail that became, or joined, a ticket. Pure."""

from __future__ import annotations

from email.utils import formataddr
from typing import TYPE_CHECKING, Any

from lambdas.inbound.keep import NAME, author, cut
from lambdas.shared.tickets.headers import threading

if TYPE_CHECKING:
    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail
    from lambdas.shared.tickets.ticket import Ticket

# An event holds 256 KB, in which JSON takes up to 12 bytes for a character of text and 6 for a byte of a name.
EVENT_TEXT = 10_000  # characters
EVENT_FILES = 50


def ticket_event(ticket: Ticket, received: Received, mail: Mail) -> dict[str, Any]:
    """The detail of TicketOpened and TicketReplied."""
    return {
        "id": received.ses_id,
        "ticket": ticket.number,
        "mailbox": ticket.mailbox,
        "subject": ticket.subject,
        "status": ticket.status,
        "requester": {"email": ticket.requester, "name": ticket.requester_name},
        "message": {
            "from": author(received, mail),
            "kind": mail.kind,
            "text": mail.reply[:EVENT_TEXT],
            "attachments": [cut(file.filename, NAME) for file in mail.attachments[:EVENT_FILES]],
            "at": received.at,
        },
    }


def acknowledgement(ticket: Ticket, received: Received, mail: Mail, mailbox_name: str) -> dict[str, Any]:
    """The detail of the SendMail that tells a sender that the mail has arrived (RFC 3834 sections 3 and 4:
    to the envelope's sender, marked as an automatic reply, naming what it answers)."""
    local, _, domain = ticket.mailbox.partition("@")
    return {
        "idempotency_key": f"acknowledgement|{received.ses_id}",
        "to": received.source,
        "from": formataddr((mailbox_name, ticket.mailbox)),
        "reply_to": f"{local}+{ticket.token}@{domain}",
        "template": "acknowledgement",
        "ticket": str(ticket.number),
        "data": {"number": ticket.number, "subject": ticket.subject, "mailbox": mailbox_name},
        "headers": {"Auto-Submitted": "auto-replied", **threading(mail.message_id, mail.references)},
    }
