"""How destinations stand, and giving one a rest."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from cli.deployment import Deployment, deployed
from cli.destinations import NAMES, destination, destinations, held_by, own_hook, where
from cli.output import as_json, cell, fields, line, moment, print_json, show
from cli.queues import Queue, read
from cli.status import dead_letters
from lambdas.connect.standing import PAUSED_SECONDS, Standing, State
from lambdas.shared.destinations import WEBHOOK
from lambdas.shared.timestamps import iso, now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from lambdas.shared.destinations import Destination

EMPTY = "empty"
BY_COMMAND = "by `mailroom connect pause`"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A destination, the state of its secret in words, and how it stands."""

    destination: Destination
    secret: str
    state: State


@click.command("status")
@as_json
@deployed
def connect_status(deployment: Deployment, *, as_json: bool) -> None:
    """Show where tickets are brought, and how that goes.

    Of each destination where it goes, whose tickets, whether its secret is set, and why it is paused or waits; then
    what waits in the queue for all of them, and what is dead.
    """
    standing = Standing(deployment.table("TicketsTable"))
    found = [
        Shown(destination=each, secret=told(each, held_by(deployment, each)), state=standing.state(each.name))
        for each in destinations(deployment).values()
    ]
    urls = deployment.output("ConnectQueue"), deployment.output("ConnectDeadLetters")
    queue = read(deployment.client("sqs"), "connect", *urls)
    if as_json:
        return print_json({"destinations": [data(deployment, each) for each in found], "queue": asdict(queue)})
    return show(*page(deployment, found, queue))


@click.command("pause")
@click.argument("name")
@click.option("--reason", default=BY_COMMAND, show_default=True, metavar="TEXT", help="What `status` tells of it.")
@as_json
@deployed
def pause(deployment: Deployment, *, name: str, reason: str, as_json: bool) -> None:
    """Bring nothing to a destination until it is resumed.

    What happens meanwhile waits in the queue, for 72 hours at most.
    """
    destination(deployment, name)
    standing = Standing(deployment.table("TicketsTable"))
    health = standing.state(name).health
    standing.change_health(name, health, lambda known: known.paused(iso(now()), reason))
    if as_json:
        return print_json({"name": name, "paused": not health.paused_at})
    if health.paused_at:
        return show(f"{name} is paused already, since {moment(health.paused_at)} UTC: {line(health.reason)}")
    return show(f"{name} is paused. `mailroom connect resume {name}` goes on.")


@click.command("resume")
@click.argument("name")
@as_json
@deployed
def resume(deployment: Deployment, *, name: str, as_json: bool) -> None:
    """Go on with a destination that was paused.

    `mailroom connect test` says first whether the cause is gone. What waits is tried within 15 minutes.
    """
    destination(deployment, name)
    standing = Standing(deployment.table("TicketsTable"))
    state = standing.state(name)
    standing.resume(name)
    waits = state.wait_until if state.wait_until > iso(now()) else ""
    if as_json:
        return print_json({"name": name, "resumed": bool(state.health.paused_at), "wait_until": waits})
    if not state.health.paused_at:
        return show(f"{name} is not paused.")
    return show(
        f"{name} goes on: what waits is tried within {PAUSED_SECONDS // 60} minutes.",
        *([f"It is left alone until {moment(waits)} UTC: it asked for that, or is slow."] if waits else []),
    )


def told(found: Destination, held: dict[str, Any]) -> str:
    """What of its secret is there, in words."""
    if found.kind == WEBHOOK:
        secrets = held.get("secrets") or []
        return {0: EMPTY, 1: "set"}.get(len(secrets), "two: a rotation is not finished")
    if not held.get("email") or not held.get("token"):
        return EMPTY
    return "set" if held.get("webhook_secret") else "set, without a webhook secret"


def data(deployment: Deployment, shown: Shown) -> dict[str, Any]:
    found = shown.destination
    return {
        "name": found.name,
        "kind": found.kind,
        "where": where(found),
        "mailboxes": sorted(found.mailboxes),
        "hook": own_hook(deployment, found),
        "secret": shown.secret,
        **asdict(shown.state),
    }


def page(deployment: Deployment, found: list[Shown], queue: Queue) -> Iterator[RenderableType]:
    for shown in found:
        yield cell(f"{shown.destination.name}: {NAMES[shown.destination.kind]}")
        yield fields(facts(deployment, shown))
        yield ""
    figures = f"{queue.waiting} waiting, {queue.in_flight} in flight, {queue.delayed} delayed, {queue.dead} dead"
    yield cell(f"The queue connect, for all of them: {figures}")
    yield from dead_letters([queue] if queue.dead else [])


def facts(deployment: Deployment, shown: Shown) -> dict[str, str]:
    found, health = shown.destination, shown.state.health
    empty = f": `mailroom connect set {found.name}`" if shown.secret == EMPTY else ""
    failing = f"{health.failures} in a row, since {moment(health.failing_since)} UTC, last: {line(health.reason)}"
    return {
        "goes to": line(where(found)),
        "mailboxes": line(", ".join(sorted(found.mailboxes))),
        "secret": shown.secret + empty,
        "its webhooks call": own_hook(deployment, found),
        "paused": f"since {moment(health.paused_at)} UTC: {line(health.reason)}" if health.paused_at else "",
        "waits": f"until {moment(until)} UTC" if (until := shown.state.wait_until) > iso(now()) else "",
        "failures": failing if health.failures and not health.paused_at else "",
    }
