"""The streams: whether mail goes out in them, how near their rates are to the lines, and switching them by hand."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from cli.deployment import CommandFailed, Deployment, deployed
from cli.output import as_json, cell, fields, line, moment, print_json, show, table
from cli.queues import Queue, read
from cli.wait import SECONDS, seen
from lambdas.shared.counts.contributions import FOREIGN, MARKETING, TRANSACTIONAL
from lambdas.shared.guard.decide import GUARD, State, enough, level_of
from lambdas.shared.guard.level import Level
from lambdas.shared.guard.policy import BOUNCES, KINDS, LINES, Policy
from lambdas.shared.guard.table import Guarded
from lambdas.shared.timestamps import iso, now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from lambdas.shared.guard.rates import Rate
    from lambdas.shared.guard.table import Looked

SWITCHED = (MARKETING, TRANSACTIONAL)
STREAM = click.argument("stream", type=click.Choice(SWITCHED))
DONE = {Level.OK: "sent as usual", Level.WARNED: "sent as usual, but warned about", Level.SLOWED: "slowed down"}
MOST_ROWS = 12  # of a stream; --json has more
BY_HAND = "by `mailroom streams {what}`"


@dataclass(frozen=True, kw_only=True)
class Stream:
    """`switched_on`: whether SES sends it; None of other applications' mail, which has no switch."""

    name: str
    state: State
    looked: Looked
    switched_on: bool | None


@click.command("show")
@as_json
@deployed
def show_streams(deployment: Deployment, *, as_json: bool) -> None:
    """Show whether mail goes out, and the rates of it.

    Of each stream what the guard, or a person, has done to it and why, SES's own switch, and the rates as the guard saw
    them last; then what waits in the queue, of all streams.
    """
    guarded, policy = Guarded(deployment.table("CountsTable")), policy_of(deployment)
    streams = [
        Stream(
            name=name,
            state=guarded.state(name),
            looked=guarded.looked(name),
            switched_on=switched_on(deployment, name) if name in SWITCHED else None,
        )
        for name in (*SWITCHED, FOREIGN)
    ]
    queue = read(deployment.client("sqs"), "send", deployment.output("SendQueue"), deployment.output("SendDeadLetters"))
    if as_json:
        lines = asdict(policy)
        return print_json({"streams": [data(each, policy) for each in streams], "guard": lines, "send": asdict(queue)})
    return show(*page(streams, policy, queue))


@click.command("pause")
@STREAM
@click.option("--reason", default=BY_HAND.format(what="pause"), show_default=True, metavar="TEXT", help="What is told.")
@as_json
@deployed
def pause(deployment: Deployment, *, stream: str, reason: str, as_json: bool) -> None:
    """Send nothing of a stream until it is resumed.

    What is asked for meanwhile waits in the queue, for 72 hours at most; the API answers that it is paused. Of
    transactional that is password resets and codes, too.
    """
    state = told(deployment, "PauseStream", stream, reason)
    if as_json:
        return print_json(summary(stream, state))
    since = f"since {moment(iso(state.since))} UTC: {line(state.reason)}"
    return show(f"{stream} is paused, {since}", f"`mailroom streams resume {stream}` goes on.")


@click.command("resume")
@STREAM
@click.option(
    "--reason", default=BY_HAND.format(what="resume"), show_default=True, metavar="TEXT", help="What is told."
)
@as_json
@deployed
def resume(deployment: Deployment, *, stream: str, reason: str, as_json: bool) -> None:
    """Send a stream as usual again after a pause.

    Bounces and complaints count from now on: what led to the pause does not lead to it again.
    Of a stream that is slowed down it ends that.
    """
    state = told(deployment, "ResumeStream", stream, reason)
    if as_json:
        return print_json(summary(stream, state))
    return show(f"{stream} is sent as usual: what waits goes out within 15 minutes.")


def policy_of(deployment: Deployment) -> Policy:
    """The lines that the deployed guard goes by."""
    name = deployment.output("GuardFunction")
    found = deployment.client("lambda").get_function_configuration(FunctionName=name)
    return Policy.of(json.loads(found["Environment"]["Variables"]["GUARD"]))


def switched_on(deployment: Deployment, stream: str) -> bool:
    name = deployment.output(f"{stream.capitalize()}Set")
    found = deployment.client("sesv2").get_configuration_set(ConfigurationSetName=name)
    return bool(found.get("SendingOptions", {}).get("SendingEnabled", True))


def told(deployment: Deployment, kind: str, stream: str, reason: str) -> State:
    """Put a command into the guard's queue; gives the stream's state once it has obeyed."""
    if not (why := line(reason)):
        raise click.UsageError("--reason has to say why.")
    command = {"id": str(uuid.uuid4()), "detail-type": kind, "time": iso(now())}
    body = json.dumps(command | {"detail": {"stream": stream, "reason": why}})
    deployment.client("sqs").send_message(QueueUrl=deployment.output("GuardQueue"), MessageBody=body)
    guarded = Guarded(deployment.table("CountsTable"))

    def look() -> State | None:
        state = guarded.state(stream)
        return state if command["id"] in state.commands and not state.untold else None

    if state := seen(look):
        return state
    asked = f"{stream}: asked for, and not done after {SECONDS} seconds."
    raise CommandFailed(f"{asked} `mailroom status` shows how the queue guard gets on.")


def summary(stream: str, state: State) -> dict[str, Any]:
    return {"stream": stream, "level": state.level.name.lower()}


def data(stream: Stream, policy: Policy) -> dict[str, Any]:
    state = stream.state
    return {
        "stream": stream.name,
        "level": state.level.name.lower(),
        "reached": state.reached.name.lower(),
        "since": iso(state.since) if state.version else None,
        "by": state.by if state.version else None,
        "reason": state.reason,
        "switched_on": stream.switched_on,
        "looked_at": iso(stream.looked.at) if stream.looked.at else None,
        "rates": [
            {
                **asdict(rate),
                "rate": round(rate.rate, 4),
                "enough": enough(rate, policy),
                "reached": level_of(rate, policy).name.lower(),
            }
            for rate in stream.looked.rates
        ],
    }


def page(streams: list[Stream], policy: Policy, queue: Queue) -> Iterator[RenderableType]:
    for stream in streams:
        if stream.switched_on is None and not stream.looked.rates:
            continue
        yield cell(stream.name)
        yield fields(facts(stream))
        if rows := [row(rate, policy) for rate in stream.looked.rates if rate.mails][:MOST_ROWS]:
            yield table(("mails of", "within", "what", "how many", "line"), rows, whole=("within", "what", "how many"))
        yield ""
    for kind in KINDS:
        lines = ", ".join(f"{word} at {policy.line(level, kind):g} %" for level, word in LINES.items())
        yield cell(f"Lines of {kind}: {lines}; from {policy.least.of(kind):,} mails on")
    figures = f"{queue.waiting} waiting, {queue.in_flight} in flight, {queue.delayed} delayed, {queue.dead} dead"
    yield cell(f"The queue send, of all streams: {figures}")


def facts(stream: Stream) -> dict[str, str]:
    state = stream.state
    if state.level is Level.PAUSED and not stream.switched_on:
        mail = "paused"
    elif stream.switched_on is False:
        mail = f"paused in SES, and not by us: `mailroom streams resume {stream.name}` switches it on"
    elif state.level is Level.PAUSED:
        mail = "paused, but SES's switch is on: the guard switches it off within five minutes"
    else:
        mail = DONE[state.level]
    by = "the guard" if state.by == GUARD else "a command"
    return {
        "mail": mail,
        "since": f"{moment(iso(state.since))} UTC, by {by}" if state.version else "",
        "reason": line(state.reason),
        "looked at": f"{moment(iso(stream.looked.at))} UTC" if stream.looked.at else "not yet",
    }


def row(rate: Rate, policy: Policy) -> tuple[str, str, str, str, str]:
    said = LINES.get(level_of(rate, policy), "") if enough(rate, policy) else "too few mails"
    what = "bounced" if rate.kind == BOUNCES else "complained"
    share = f"{rate.happened:,} of {rate.mails:,}: {rate.share:.3g} %"
    return line(rate.domain), rate.window, what, share, said
