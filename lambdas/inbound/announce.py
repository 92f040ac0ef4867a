"""What the world is told of a mail that became, or joined, a ticket. Pure."""

from __future__ import annotations

from email.utils import formataddr
from typing import TYPE_CHECKING, Any

from lambdas.inbound.keep import NAME, cut
from lambdas.shared.tickets.answer import paragraphs
from lambdas.shared.tickets.headers import reply_to, threading

if TYPE_CHECKING:
    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail
    from lambdas.shared.tickets.ticket import Delivery, Mailbox, Ticket, TicketMessage

# An event holds 256 KB, in which JSON takes up to 6 bytes for a character of text or a byte of a name.
EVENT_TEXT = 10_000  # characters
EVENT_FILES = 50


def ticket_event(ticket: Ticket, message: TicketMessage) -> dict[str, Any]:
    """The detail of TicketOpened and TicketReplied."""
    return {
        "id": message.id,
        "ticket": ticket.number,
        "mailbox": ticket.mailbox,
        "subject": ticket.subject,
        "status": ticket.status,
        "requester": {"email": ticket.requester, "name": ticket.requester_name},
        "message": {
            "from": message.sender,
            "kind": message.kind,
            "text": message.reply[:EVENT_TEXT],
            "attachments": files(message),
            "at": message.at,
        },
    }


def status_event(ticket: Ticket, message: TicketMessage, filed: Delivery) -> dict[str, Any]:
    """The detail of TicketStatusChanged: a mail opens what waited, or was solved (lambdas/shared/tickets/change.py)."""
    return {
        "id": f"{ticket.number}-{message.id}",
        "ticket": ticket.number,
        "mailbox": ticket.mailbox,
        "subject": ticket.subject,
        "status": "open",
        "before": filed.before,
        "by": message.sender,
        "at": message.at,
    }


def acknowledgement(ticket: Ticket, received: Received, mail: Mail, mailbox: Mailbox) -> dict[str, Any]:
    """The detail of the SendMail that tells a sender that the mail has arrived (RFC 3834 sections 3 and 4:
    to the envelope's sender, marked as an automatic reply, naming what it answers)."""
    return {
        "idempotency_key": f"acknowledgement|{received.ses_id}",
        "to": received.source,
        "from": formataddr((mailbox.name, mailbox.address)),
        "reply_to": reply_to(mailbox.address, ticket.token),
        "template": mailbox.acknowledgement,
        "ticket": str(ticket.number),
        "data": {"number": ticket.number, "subject": ticket.subject, "mailbox": mailbox.name},
        "headers": {"Auto-Submitted": "auto-replied", **threading(mail.message_id, mail.references)},
    }


def notification(ticket: Ticket, message: TicketMessage, mailbox: Mailbox, member: str, kind: str) -> dict[str, Any]:
    """The detail of the SendMail that tells a team member what came, "opened" or "replied"; whose answer to it goes to
    the customer."""
    return {
        "idempotency_key": f"notification|{message.id}|{member}",
        "to": member,
        "from": formataddr((mailbox.name, mailbox.address)),
        "reply_to": reply_to(mailbox.address, ticket.team_token),
        "template": "ticket-notification",
        "ticket": str(ticket.number),
        "data": {
            "number": ticket.number,
            "subject": ticket.subject,
            "requester": f"{message.sender_name} <{message.sender}>" if message.sender_name else message.sender,
            "mailbox": mailbox.name,
            "paragraphs": paragraphs((message.reply or message.text)[:EVENT_TEXT]),
            "attachments": files(message),
            "kind": kind,
        },
        "headers": {"Auto-Submitted": "auto-generated"},
    }


def files(message: TicketMessage) -> list[str]:
    return [cut(file.filename, NAME) for file in message.attachments[:EVENT_FILES]]
