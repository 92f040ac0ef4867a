"""What the bus is told of a ticket. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambdas.shared.tickets.ticket import Ticket, TicketMessage

# An event holds 256 KB, in which JSON takes up to 6 bytes for a character.
EVENT_TEXT = 10_000  # characters
EVENT_FILES = 50


def message_event(ticket: Ticket, message: TicketMessage, *, id: str, status: str) -> dict[str, Any]:
    """The detail of TicketOpened, TicketReplied, TicketAnswered and TicketNoted; `status` is the ticket's by then."""
    return {
        "id": id,
        "ticket": ticket.number,
        "mailbox": ticket.mailbox,
        "subject": ticket.subject,
        "status": status,
        "requester": {"email": ticket.requester, "name": ticket.requester_name},
        "message": {
            "from": message.sender,
            "kind": message.kind,
            "text": message.reply[:EVENT_TEXT],
            "attachments": filenames(message),
            "at": message.at,
        },
    }


def status_event(ticket: Ticket, message: TicketMessage, *, before: str, status: str) -> dict[str, Any]:
    """The detail of TicketStatusChanged and TicketClosed: what `message` changed."""
    return {
        "id": event_id(ticket, message),
        "ticket": ticket.number,
        "mailbox": ticket.mailbox,
        "subject": ticket.subject,
        "status": status,
        "before": before,
        "by": message.sender,
        "at": message.at,
    }


def event_id(ticket: Ticket, message: TicketMessage) -> str:
    """An id of a command is one within its ticket."""
    return f"{ticket.number}-{message.id}"


def filenames(message: TicketMessage) -> list[str]:
    return [file.filename for file in message.attachments[:EVENT_FILES]]
