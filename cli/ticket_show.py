"""One ticket with its messages."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cli.deployment import Deployment, NotFound, deployed
from cli.output import as_json, cell, fields, indented, line, moment, paragraphs, person, print_json, show
from lambdas.shared.tickets.shown import ticket_data
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tickets.ticket import Ticket, TicketMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType


@click.command("show")
@click.argument("number", type=int)
@as_json
@deployed
def show_ticket(deployment: Deployment, number: int, *, as_json: bool) -> None:
    """Show one ticket with its messages.

    Of each message the newly written text, without what it quotes; `--json` has the whole text too.
    """
    ticket, messages = found(deployment, number)
    if as_json:
        return print_json(ticket_data(ticket) | {"messages": [asdict(message) for message in messages]})
    return show(*text(ticket, messages))


def found(deployment: Deployment, number: int) -> tuple[Ticket, list[TicketMessage]]:
    store = Tickets(deployment.table("TicketsTable"))
    if ticket := store.get(number):
        return ticket, store.messages(number)
    raise NotFound(f"There is no ticket {number}: `mailroom tickets` lists them.")


def text(ticket: Ticket, messages: list[TicketMessage]) -> Iterator[RenderableType]:
    yield cell(f"Ticket {ticket.number}: {line(ticket.subject)}")
    yield fields(
        {
            "status": ticket.status,
            "priority": ticket.priority if ticket.priority != "normal" else "",
            "assignee": line(ticket.assignee or ""),
            "tags": line(", ".join(sorted(ticket.tags))),
            "mailbox": line(ticket.mailbox),
            "requester": person(ticket.requester_name, ticket.requester),
            "participants": line(", ".join(sorted(ticket.participants))),
            "follows": f"ticket {ticket.follows}" if ticket.follows else "",
            "goes on in": f"ticket {ticket.followed_by}" if ticket.followed_by else "",
            "opened": f"{moment(ticket.created_at)} UTC",
            "updated": f"{moment(ticket.updated_at)} UTC",
        }
    )
    for message in messages:
        yield ""
        yield cell(f"{moment(message.at)} UTC  {person(message.sender_name, message.sender)}")
        yield indented(paragraphs(message.reply) or "(no text)")
        yield facts(message)


def facts(message: TicketMessage) -> RenderableType:
    from rich.padding import Padding

    attached = [f"{line(file.filename)} ({line(file.content_type)}, {file.size} bytes)" for file in message.attachments]
    said = {
        "kind": "" if message.kind == "mail" else line(message.kind),
        "to": line(", ".join(message.recipients)),
        "flags": line(", ".join(message.flags)),
        "attached": "\n".join(attached),
        "mail": line(message.raw_key),
    }
    return Padding(fields(said), (0, 0, 0, 2), expand=False)
