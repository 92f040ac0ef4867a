"""Tickets, and received mails that became none."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cli.deployment import Deployment, NotFound, deployed
from cli.output import (
    as_json,
    cell,
    fields,
    indented,
    limit,
    line,
    minute,
    moment,
    paragraphs,
    person,
    print_json,
    show,
    table,
)
from lambdas.shared.tickets import find
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tickets.ticket import Delivery, Ticket, TicketMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType


@click.command()
@limit
@click.option("--aside", is_flag=True, help="List received mails that became no ticket, and why.")
@as_json
@deployed
def tickets(deployment: Deployment, limit: int, *, aside: bool, as_json: bool) -> None:
    """List the tickets last written to."""
    table = deployment.table("TicketsTable")
    if aside:
        list_aside(find.aside(table, limit), as_json=as_json)
    else:
        list_tickets(list(find.find(table, find.Wanted(), limit).tickets), as_json=as_json)


def list_tickets(found: list[Ticket], *, as_json: bool) -> None:
    if as_json:
        return print_json([ticket_data(ticket) for ticket in found])
    if not found:
        return show("No tickets yet.")
    rows = [
        (
            str(ticket.number),
            ticket.status,
            minute(ticket.updated_at),
            f"{person(ticket.requester_name, ticket.requester)}\n{line(ticket.subject)}",
        )
        for ticket in found
    ]
    return show(table(("ticket", "status", "updated (UTC)", "from, subject"), rows, whole=("status", "updated (UTC)")))


def list_aside(found: list[Delivery], *, as_json: bool) -> None:
    if as_json:
        return print_json([delivery_data(delivery) for delivery in found])
    if not found:
        return show("Every mail became a ticket, or part of one.")
    rows = [
        (
            minute(delivery.at),
            delivery.outcome,
            f"{line(delivery.sender)}\n{line(delivery.subject)}",
            line(delivery.reason),
        )
        for delivery in found
    ]
    return show(
        table(("received (UTC)", "outcome", "from, subject", "reason"), rows, whole=("received (UTC)", "outcome"))
    )


@click.command("show")
@click.argument("number", type=int)
@as_json
@deployed
def show_ticket(deployment: Deployment, number: int, *, as_json: bool) -> None:
    """Show one ticket with its messages.

    Of each message the newly written text, without what it quotes; `--json` has the whole text too.
    """
    store = Tickets(deployment.table("TicketsTable"))
    ticket = store.get(number)
    if not ticket:
        raise NotFound(f"There is no ticket {number}: `mailroom tickets` lists them.")
    messages = store.messages(number)
    if as_json:
        return print_json(ticket_data(ticket) | {"messages": [asdict(message) for message in messages]})
    return show(*ticket_page(ticket, messages))


def ticket_page(ticket: Ticket, messages: list[TicketMessage]) -> Iterator[RenderableType]:
    yield cell(f"Ticket {ticket.number}: {line(ticket.subject)}")
    yield fields(
        {
            "status": ticket.status,
            "mailbox": line(ticket.mailbox),
            "requester": person(ticket.requester_name, ticket.requester),
            "participants": line(", ".join(sorted(ticket.participants))),
            "opened": f"{moment(ticket.created_at)} UTC",
            "updated": f"{moment(ticket.updated_at)} UTC",
        }
    )
    for message in messages:
        yield ""
        yield cell(f"{moment(message.at)} UTC  {person(message.sender_name, message.sender)}")
        yield indented(paragraphs(message.reply) or "(no text)")
        yield indented_fields(message)


def indented_fields(message: TicketMessage) -> RenderableType:
    from rich.padding import Padding

    attached = [f"{line(file.filename)} ({line(file.content_type)}, {file.size} bytes)" for file in message.attachments]
    facts = {
        "kind": "" if message.kind == "mail" else line(message.kind),
        "flags": line(", ".join(message.flags)),
        "attached": "\n".join(attached),
        "mail": line(message.raw_key),
    }
    return Padding(fields(facts), (0, 0, 0, 2), expand=False)


HIDDEN = ("token", "team_token", "search", "version")  # who knows a token may write into the ticket


def ticket_data(ticket: Ticket) -> dict[str, Any]:
    """As JSON can hold it, without what is not for reading."""
    data = asdict(ticket) | {"participants": sorted(ticket.participants), "tags": sorted(ticket.tags)}
    return {name: value for name, value in data.items() if name not in HIDDEN}


def delivery_data(delivery: Delivery) -> dict[str, Any]:
    names = ("ses_id", "outcome", "reason", "at", "sender", "subject", "mailbox", "raw_key")
    return {name: getattr(delivery, name) for name in names}
