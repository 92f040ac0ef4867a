"""A ticket with its messages, as JSON. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lambdas.shared.messages import message_id
from lambdas.shared.tickets.answer import mail_key
from lambdas.shared.tickets.shown import ticket_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lambdas.shared.tickets.ticket import Attachment, Ticket, TicketMessage

# Lambda's answers have 6 MB at most (quotas), in JSON that takes up to 6 bytes for a character.
ANSWER_BYTES = 4_000_000


def ticket_page(ticket: Ticket, messages: Iterable[TicketMessage], link: Callable[[Attachment], str]) -> dict[str, Any]:
    """With the newest messages, as many as an answer holds; `left_out` counts the older ones that it does not."""
    shown: list[dict[str, Any]] = []
    room, all_of_them = ANSWER_BYTES, list(messages)
    for one in reversed(all_of_them):
        room -= size(one)
        if room < 0 and shown:
            break
        shown.insert(0, message_data(ticket, one, link))
    return ticket_data(ticket) | {"messages": shown, "left_out": len(all_of_them) - len(shown)}


def message_data(ticket: Ticket, message: TicketMessage, link: Callable[[Attachment], str]) -> dict[str, Any]:
    files = [
        {"filename": file.filename, "content_type": file.content_type, "size": file.size, "url": link(file)}
        for file in message.attachments
    ]
    mails = [
        {"to": recipient, "id": message_id(mail_key(ticket.number, message.id, recipient))}
        for recipient in message.recipients
    ]
    return asdict(message) | {"attachments": files, "mails": mails}


def size(message: TicketMessage) -> int:
    """Bytes that a message may take, links and all."""
    return 2_000 + 2 * len(message.text.encode()) + 2 * len(message.reply.encode()) + 3_000 * len(message.attachments)
