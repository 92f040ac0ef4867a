"""What makes the next version of a ticket: a mail that comes, an answer, a note, a change. Pure.

Impossible     it cannot be done to this ticket; the message says why
└── Closed     it stays as it is, but for notes
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.shared.tickets.ticket import CLOSED, NEW, NOTE, OPEN, PENDING, SOLVED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambdas.shared.tickets.ticket import Ticket, TicketMessage

PARTICIPANTS = 50
TAGS = 50
SEARCH, BEGINNING = 3_000, 400  # characters that a text is looked for in; of one message


class Impossible(Exception):
    pass


class Closed(Impossible):
    def __init__(self, ticket: Ticket) -> None:
        more = f": ticket {ticket.followed_by} goes on with it" if ticket.followed_by else ""
        super().__init__(f"ticket {ticket.number} is closed{more}")


def searched(*texts: str) -> str:
    return " ".join(" ".join(text[:BEGINNING].split()) for text in texts).casefold()[:SEARCH]


def received(ticket: Ticket, message: TicketMessage, joined: Iterable[str] = ()) -> Ticket:
    """A customer's mail opens a ticket that waited for it, or was solved. Of new participants the first have what room
    there is."""
    new = [address for address in joined if address not in ticket.participants]
    room = max(0, PARTICIPANTS - len(ticket.participants))
    waited = ticket.status in {PENDING, SOLVED} and message.kind != "auto-reply"
    return replace(
        with_message(ticket, message),
        status=OPEN if waited else ticket.status,
        participants=ticket.participants | set(new[:room]),
    )


def acted(ticket: Ticket, message: TicketMessage, status: str | None = None) -> Ticket:
    """Whatever a team member does but note opens a new ticket, unless a status is said. Closed if the ticket is, which
    takes mere notes."""
    if ticket.status == CLOSED and (message.kind != NOTE or status):
        raise Closed(ticket)
    kept = OPEN if ticket.status == NEW and message.kind != NOTE else ticket.status
    return replace(with_message(ticket, message), status=status or kept)


def tagged(ticket: Ticket, add: Iterable[str], remove: Iterable[str]) -> frozenset[str]:
    """A ticket's tags, changed so. Impossible where they were too many."""
    tags = (ticket.tags | set(add)) - set(remove)
    if len(tags) > TAGS:
        raise Impossible(f"a ticket has at most {TAGS} tags")
    return tags


def with_message(ticket: Ticket, message: TicketMessage) -> Ticket:
    return replace(
        ticket,
        updated_at=max(ticket.updated_at, message.at),
        search=f"{ticket.search} {searched(message.reply)}"[:SEARCH],
        version=ticket.version + 1,
    )
