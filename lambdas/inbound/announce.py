"""The mails that go out by themselves about a mail that became, or joined, a ticket. Pure."""

from __future__ import annotations

from email.utils import formataddr
from typing import TYPE_CHECKING, Any

from lambdas.shared.tickets.answer import paragraphs
from lambdas.shared.tickets.events import EVENT_TEXT, filenames
from lambdas.shared.tickets.headers import reply_to, threading

if TYPE_CHECKING:
    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail
    from lambdas.shared.tickets.ticket import Mailbox, Ticket, TicketMessage


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
            "attachments": filenames(message),
            "kind": kind,
        },
        "headers": {"Auto-Submitted": "auto-generated"},
    }
