"""Change what a ticket says of itself: whose it is, how it stands, how urgent it is, its tags."""

from __future__ import annotations

import click

from cli.deployment import Deployment, deployed
from cli.output import as_json, paragraphs
from cli.ticket_act import BY, CHANGE, KEY, Done, act
from lambdas.shared.tickets.ticket import PRIORITIES, STATUSES


@click.command("assign")
@click.argument("number", type=int)
@click.argument("name", required=False)
@click.option("--nobody", is_flag=True, help="Make it nobody's.")
@BY
@KEY
@as_json
@deployed
def assign(
    deployment: Deployment,
    /,
    *,
    number: int,
    name: str | None,
    nobody: bool,
    by: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Say whose work a ticket is.

    NAME is as your team calls its members: a name, or an address.
    """
    if nobody == (name is not None):
        raise click.UsageError("Give a NAME or --nobody.")
    act(deployment, number, CHANGE, {"assignee": name}, by=by, key=key, as_json=as_json, told=changed)


@click.command("status")
@click.argument("number", type=int)
@click.argument("status", type=click.Choice(STATUSES))
@BY
@KEY
@as_json
@deployed
def set_status(
    deployment: Deployment, /, *, number: int, status: str, by: str | None, key: str | None, as_json: bool
) -> None:
    """Set a ticket's status.

    A customer's mail opens what is pending or solved again. What is closed stays closed: an answer to it opens another
    ticket.
    """
    act(deployment, number, CHANGE, {"status": status}, by=by, key=key, as_json=as_json, told=changed)


@click.command("priority")
@click.argument("number", type=int)
@click.argument("priority", type=click.Choice(PRIORITIES))
@BY
@KEY
@as_json
@deployed
def set_priority(
    deployment: Deployment, /, *, number: int, priority: str, by: str | None, key: str | None, as_json: bool
) -> None:
    """Set how urgent a ticket is."""
    act(deployment, number, CHANGE, {"priority": priority}, by=by, key=key, as_json=as_json, told=changed)


@click.command("tag")
@click.argument("number", type=int)
@click.option("--add", multiple=True, metavar="TAG", help="A tag that it gets; repeat for several.")
@click.option("--remove", multiple=True, metavar="TAG", help="A tag that it loses; repeat for several.")
@BY
@KEY
@as_json
@deployed
def tag(
    deployment: Deployment,
    /,
    *,
    number: int,
    add: tuple[str, ...],
    remove: tuple[str, ...],
    by: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Give tags to a ticket, or take them away.

    A tag is a word without blanks and commas, of 50 characters at most. `mailroom tickets --tag` finds by it.
    """
    tags = {name: list(given) for name, given in (("add", add), ("remove", remove)) if given}
    if not tags:
        raise click.UsageError("Give --add or --remove.")
    act(deployment, number, CHANGE, {"tags": tags}, by=by, key=key, as_json=as_json, told=changed)


def changed(done: Done) -> str:
    said = paragraphs((done.message or {}).get("reply", ""))
    return f"Ticket {done.ticket['number']}: {said}"
