"""Bring a ticket elsewhere once more."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click

from cli.deployment import CommandFailed, Deployment, deployed
from cli.destinations import destinations
from cli.output import as_json, line, print_json, show
from cli.ticket_show import found
from cli.wait import SECONDS, seen
from lambdas.connect.standing import Standing
from lambdas.shared.destinations import TICKET_SYSTEMS
from lambdas.shared.queue import Later
from lambdas.shared.tickets.links import Links
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.timestamps import iso, now

if TYPE_CHECKING:
    from lambdas.shared.tickets.links import Link

HELD = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`before` is the link as it was, `paused` why its destination is."""

    before: Link
    paused: str


@click.command("resync")
@click.argument("number", metavar="TICKET", type=int)
@click.option("--anew", is_flag=True, help="Make another there, where it was deleted for good.")
@as_json
@deployed
def resync(deployment: Deployment, *, number: int, anew: bool, as_json: bool) -> None:
    """Bring a ticket to Jira and Zendesk once more.

    Whatever is not there yet is tried again: what they refused, what failed, and a ticket that was deleted there or
    hidden. What is new there is read first. Nothing is written twice.

    \b
    Examples:
      mailroom connect resync 7
      mailroom connect resync 7 --anew
    """
    ticket, _ = found(deployment, number)
    names = [
        each.name
        for each in destinations(deployment).values()
        if each.kind in TICKET_SYSTEMS and ticket.mailbox in each.mailboxes
    ]
    if not names:
        raise CommandFailed(f"Ticket {number} is of {line(ticket.mailbox)}, which feeds no Jira and no Zendesk.")
    if anew:
        gone = {link.destination for link in Tickets(deployment.table("TicketsTable")).links(number) if link.gone}
        names = [name for name in names if name in gone]
        if not names:
            raise CommandFailed(f"Ticket {number} is gone nowhere: --anew is for what was deleted there.")
    done = [once_more(deployment, number, name, anew=anew) for name in names]
    if as_json:
        return print_json({"ticket": number, "destinations": [data(each) for each in done]})
    return show(*map(told, done), f"`mailroom ticket show {number}` shows what became of it.")


def once_more(deployment: Deployment, number: int, name: str, *, anew: bool) -> Asked:
    link = seen(lambda: cleared(deployment, number, name, anew=anew))
    if not link:
        raise CommandFailed(f"Ticket {number} is being worked on for {name} after {SECONDS} seconds: try again.")
    if link.remote and not anew:
        put(deployment, "PullTicket", {"destination": name, "remote": link.remote})
    put(deployment, "SyncTicket", {"ticket": number, "destination": name})
    health = Standing(deployment.table("TicketsTable")).state(name).health
    return Asked(before=link, paused=health.reason if health.paused_at else "")


def cleared(deployment: Deployment, number: int, name: str, *, anew: bool) -> Link | None:
    """The link as it was, with nothing in the way of another try now; None while the function holds it."""
    links = Links(deployment.table("TicketsTable"))
    try:
        link = links.take(number, name, f"command-{uuid4()}", iso(now()), iso(now() + HELD))
        links.release(links.anew(link) if anew else links.again(link))
    except Later:
        return None
    return link


def put(deployment: Deployment, kind: str, detail: dict[str, Any]) -> None:
    command = {"id": str(uuid4()), "detail-type": kind, "time": iso(now()), "detail": detail}
    deployment.client("sqs").send_message(QueueUrl=deployment.output("ConnectQueue"), MessageBody=json.dumps(command))


def data(asked: Asked) -> dict[str, Any]:
    link = asked.before
    return {
        "name": link.destination,
        "key": link.key,
        "was_gone": link.gone,
        "were_refused": len(link.refused),
        "paused": asked.paused,
    }


def told(asked: Asked) -> str:
    link = asked.before
    was = [
        f"{link.key or 'not there yet'}",
        *([f"was gone: {line(link.gone)}"] if link.gone else []),
        *([f"{len(link.refused)} refused"] if link.refused else []),
        *([f"waits, because it is paused: {line(asked.paused)}"] if asked.paused else []),
    ]
    return f"{link.destination}: asked for ({line('; '.join(was))})."
