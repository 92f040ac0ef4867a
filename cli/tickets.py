"""Tickets, and received mails that became none, as listings."""

from __future__ import annotations

import click

from cli.deployment import Deployment, deployed
from cli.output import as_json, limit, line, minute, person, print_json, show, table
from lambdas.shared.tickets import find
from lambdas.shared.tickets.find import Page
from lambdas.shared.tickets.shown import BadFilter, ticket_data, wanted
from lambdas.shared.tickets.table import OUTCOMES
from lambdas.shared.tickets.ticket import STATUSES, Delivery, Ticket


@click.command()
@click.option("--status", type=click.Choice(STATUSES), help="Only of this status.")
@click.option("--mailbox", metavar="ADDRESS", help="Only of this mailbox.")
@click.option("--assignee", metavar="NAME", help="Only whose work is this one's.")
@click.option("--requester", metavar="ADDRESS", help="Only of this customer.")
@click.option("--tag", metavar="TAG", help="Only with this tag.")
@click.option("--text", metavar="TEXT", help="Only with this in the subject, the requester or how messages begin.")
@click.option("--since", metavar="TIME", help="Only written to since then: 2026-11-21, or 2026-11-21T09:30:00Z.")
@limit
@click.option("--cursor", metavar="CURSOR", help="The next page, as the one before named it.")
@click.option("--aside", is_flag=True, help="List received mails that became no ticket, and why.")
@click.option("--outcome", type=click.Choice(OUTCOMES), help="With --aside: only these.")
@as_json
@deployed
def tickets(
    deployment: Deployment, /, *, limit: int, aside: bool, outcome: str | None, as_json: bool, **asked: str | None
) -> None:
    """List the tickets last written to.

    The newest first, those that are all of what is asked for. `--aside` lists the mails that were kept out instead:
    spam, viruses, bounces, absence notes, copies.

    \b
    Examples:
      mailroom tickets --status open --assignee ann
      mailroom tickets --text refund --since 2026-11-01
      mailroom tickets --aside --outcome spam
    """
    given = {name: value for name, value in asked.items() if value is not None}
    table = deployment.table("TicketsTable")
    if aside:
        refuse(given, "--aside lists mails, not tickets")
        return list_aside(find.aside(table, limit, outcome), as_json=as_json)
    if outcome:
        raise click.UsageError("--outcome is of mails that became no ticket: say --aside too.")
    cursor = given.pop("cursor", None)
    try:
        page = find.find(table, wanted(given), limit, cursor)
    except (BadFilter, find.BadCursor) as bad:
        raise click.UsageError(f"{bad}.") from None
    return list_tickets(page, as_json=as_json, filtered=bool(given))


def refuse(given: dict[str, str], why: str) -> None:
    if given:
        raise click.UsageError(f"{why}: leave out --{next(iter(given))}.")


def list_tickets(page: Page, *, as_json: bool, filtered: bool) -> None:
    if as_json:
        return print_json({"tickets": [ticket_data(ticket) for ticket in page.tickets], "cursor": page.cursor})
    if page.tickets:
        headings = ("ticket", "status", "updated (UTC)", "from, subject")
        show(table(headings, map(row, page.tickets), whole=("status", "updated (UTC)")))
    elif not page.cursor:
        show("No such tickets." if filtered else "No tickets yet.")
    if page.cursor:
        show(f"There may be more: --cursor {page.cursor}")
    return None


def row(ticket: Ticket) -> tuple[str, str, str, str]:
    said = [f"{person(ticket.requester_name, ticket.requester)}", line(ticket.subject)]
    told = [ticket.assignee and f"for {ticket.assignee}", ticket.priority if ticket.priority != "normal" else ""]
    if more := line(", ".join(word for word in (*told, *sorted(ticket.tags)) if word)):
        said.append(more)
    return str(ticket.number), ticket.status, minute(ticket.updated_at), "\n".join(said)


def list_aside(found: list[Delivery], *, as_json: bool) -> None:
    if as_json:
        return print_json([delivery_data(delivery) for delivery in found])
    if not found:
        return show("Every mail became a ticket, or part of one.")
    rows = [
        (
            f"{line(delivery.ses_id)}\n{minute(delivery.at)}",
            line(delivery.outcome),
            f"{line(delivery.sender)}\n{line(delivery.subject)}\n{line(delivery.reason)}",
        )
        for delivery in found
    ]
    headings = ("id, received (UTC)", "outcome", "from, subject, reason")
    return show(table(headings, rows, whole=headings[:2]))


def delivery_data(delivery: Delivery) -> dict[str, str]:
    names = ("ses_id", "outcome", "reason", "at", "sender", "subject", "mailbox", "raw_key")
    return {name: getattr(delivery, name) for name in names}
