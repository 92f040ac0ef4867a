"""The mails that carry a team member's answer to the people of a ticket. Pure."""

from __future__ import annotations

import re
from email.utils import formataddr
from typing import TYPE_CHECKING, Any

from lambdas.shared.tickets.headers import reply_to, threading
from lambdas.shared.tickets.ticket import ANSWER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from lambdas.shared.tickets.ticket import Mailbox, Ticket, TicketMessage

TEXT = 100_000  # bytes of UTF-8 that an answer may have; with all that goes along, an event holds 256 KB
QUOTED_MESSAGES, QUOTED_LINES, QUOTED_LENGTH = 2, 60, 200  # characters
ANSWERED = re.compile(
    r"\s*(?:(?:re|aw|antw|sv|vs|odp|rif|res|ref|回复|答复|返信)\s*(?:\[\d+\])?\s*[:\uff1a]\s*)+", re.IGNORECASE
)


def people(ticket: Ticket, mailboxes: Collection[Mailbox]) -> tuple[str, ...]:
    """Whom an answer goes to: the requester, then the others who take part, but neither ourselves nor the team."""
    ours = {mailbox.address for mailbox in mailboxes} | {member for mailbox in mailboxes for member in mailbox.team}
    others = sorted(ticket.participants - {ticket.requester})
    return tuple(address for address in (ticket.requester, *others) if "@" in address and address not in ours)


def mail_key(ticket: int, message_id: str, recipient: str) -> str:
    """The idempotency key of an answer's mail to one of its recipients; lambdas.shared.messages.message_id makes the
    outbox's id of it."""
    return f"ticket|{ticket}|{message_id}|{recipient}"


def mails(
    ticket: Ticket, mailbox: Mailbox, answer: TicketMessage, earlier: Sequence[TicketMessage]
) -> Iterator[dict[str, Any]]:
    """A SendMail detail, without its attachments, for each of the answer's recipients. `earlier` are the ticket's
    messages before the answer, the oldest first."""
    received = [message.message_id for message in earlier if message.message_id]
    for recipient in answer.recipients:
        yield {
            "idempotency_key": mail_key(ticket.number, answer.id, recipient),
            "to": recipient,
            "from": formataddr((mailbox.name, mailbox.address)),
            "reply_to": reply_to(mailbox.address, ticket.token),
            "template": "ticket-answer",
            "ticket": str(ticket.number),
            "headers": threading(received[-1], received[:-1]) if received else {},
            "data": {
                "subject": subject(ticket),
                "paragraphs": paragraphs(answer.reply),
                "signature": mailbox.signature,
                "history": [quoted(message) for message in quotable(earlier)],
            },
        }


def subject(ticket: Ticket) -> str:
    """The ticket's, as an answer to it; the number once."""
    plain = ANSWERED.sub("", ticket.subject, count=1) if ANSWERED.match(ticket.subject) else ticket.subject
    mark = f"[#{ticket.number}]"
    return f"Re: {plain}" if mark in plain else f"Re: {plain} {mark}"


def paragraphs(text: str) -> list[str]:
    """What empty lines part; none of them empty."""
    return [paragraph.strip("\n") for paragraph in re.split(r"\n[ \t]*\n", text) if paragraph.strip()]


def quotable(messages: Sequence[TicketMessage]) -> list[TicketMessage]:
    """What the customer knows of the conversation's end, the newest first."""
    shown = [message for message in messages if message.kind in {"mail", ANSWER} and message.reply]
    return shown[: -QUOTED_MESSAGES - 1 : -1]


def quoted(message: TicketMessage) -> dict[str, Any]:
    lines = [line[:QUOTED_LENGTH] for line in message.reply.splitlines()]
    return {
        "name": message.sender_name or message.sender,
        "at": message.at[:16].replace("T", " "),
        "lines": lines[:QUOTED_LINES],
    }
