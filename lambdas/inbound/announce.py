"""What the world is told of a mail that became, or joined, a ticket. Pure."""

from __future__ import annotations

import re
from email.utils import formataddr
from typing import TYPE_CHECKING, Any

from lambdas.inbound.keep import NAME, author, cut

if TYPE_CHECKING:
    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail
    from lambdas.shared.tickets.ticket import Ticket

# An event holds 256 KB, in which JSON takes up to 12 bytes for a character of text and 6 for a byte of a name.
EVENT_TEXT = 10_000  # characters
EVENT_FILES = 50
# SES takes headers whose name and value together have at most 996 printable ASCII characters; ids come from outside.
HEADER = 996
MESSAGE_ID = re.compile(r"[!-;=?-~]+")


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
        "headers": {"Auto-Submitted": "auto-replied", **threading(mail)},
    }


def threading(mail: Mail) -> dict[str, str]:
    """In-Reply-To and References of an answer (RFC 5322 section 3.6.4); the oldest references go first."""
    answered = f"<{mail.message_id}>"
    if not (mail.message_id and MESSAGE_ID.fullmatch(mail.message_id)) or len("In-Reply-To" + answered) > HEADER:
        return {}
    chain = answered
    for reference in reversed(mail.references):
        longer = f"<{reference}> {chain}"
        if not MESSAGE_ID.fullmatch(reference) or len("References" + longer) > HEADER:
            break
        chain = longer
    return {"In-Reply-To": answered, "References": chain}
