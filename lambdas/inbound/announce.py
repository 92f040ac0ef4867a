"""What the world is told of a mail that became, or joined, a ticket. Pure."""

from __future__ import annotations

import re
from email.utils import formataddr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail
    from lambdas.shared.tickets import Ticket

EVENT_TEXT = 10_000  # characters; an event holds 256 KB
# SES takes a header value of at most 995 printable ASCII characters; ids come from outside.
HEADER_VALUE = 995
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
            "from": mail.sender.email if mail.sender else received.source,
            "kind": mail.kind,
            "text": mail.reply[:EVENT_TEXT],
            "attachments": [file.filename for file in mail.attachments],
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
    if not (mail.message_id and MESSAGE_ID.fullmatch(mail.message_id)) or len(mail.message_id) > HEADER_VALUE - 2:
        return {}
    chain = f"<{mail.message_id}>"
    for reference in reversed(mail.references):
        longer = f"<{reference}> {chain}"
        if not MESSAGE_ID.fullmatch(reference) or len(longer) > HEADER_VALUE:
            break
        chain = longer
    return {"In-Reply-To": f"<{mail.message_id}>", "References": chain}
