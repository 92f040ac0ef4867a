"""`mailroom failover`: whether the stage's other region can send, and letting it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cli.deployment import CommandFailed, explained
from cli.doctor.command import STATUS, page
from cli.doctor.line import ERROR, worst
from cli.failover.checks import checks
from cli.failover.regions import QUEUES, Region, Regions, asked, regions
from cli.output import as_json, cell, fields, print_json, show
from cli.wait import seen
from lambdas.shared.sending import KEY
from lambdas.shared.timestamps import iso, now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from cli.deployment import Deployment
    from cli.doctor.line import Line

SECONDS = 15  # for the other region to have heard of it; DynamoDB takes about one

back = click.option("--back", is_flag=True, help="To the stage's first region, in place of its standby.")


@click.command()
@back
@as_json
@click.pass_obj
def plan(stage: str, /, *, back: bool, as_json: bool) -> None:
    """Say whether the standby region can send.

    Looks there as `mailroom doctor` does: stacks of the same version, sandbox, quotas, identities, DNS, alarms; and
    whether tables and keys are copied. Changes nothing. Exit status 0 if all is well, 3 if the worst is a warning, 1 if
    it is an error.
    """
    both = regions(stage)
    to = both.first if back else both.standby
    lines = _checked(both, to)
    if as_json:
        print_json(_told(both, to, lines))
    else:
        show(*page(f"{stage}: {_heading(both, to)}", lines))
    raise SystemExit(STATUS[worst(lines)])


@click.command()
@back
@click.option("--anyway", is_flag=True, help="Although a check says that it will not work.")
@as_json
@click.pass_obj
def switch(stage: str, /, *, back: bool, anyway: bool, as_json: bool) -> None:
    """Send from the standby region, or from the first again.

    Checks as `plan` does and stops at an error. What waits in the other region, and what still comes there, is handed
    on; while it is down, when it is up again. docs/regions.md says what applications have to do.

    \b
    Examples:
      mailroom --stage example failover switch
      mailroom --stage example failover switch --back
    """
    both = regions(stage)
    to = both.first if back else both.standby
    lines = _checked(both, to)
    if to.there is None or (worst(lines) == ERROR and not anyway):
        if as_json:
            print_json(_told(both, to, lines) | {"switched": False})
        else:
            show(*page(f"{stage}: {_heading(both, to)}", lines))
        hint = " --anyway switches all the same." if to.there else ""
        raise CommandFailed(f"Nothing was changed: {to.name} cannot send as it is.{hint}")
    with explained(stage, to.there.running):
        said = _say(to, to.there)
    heard = _heard(both.other(to), said)
    if as_json:
        print_json(_told(both, to, lines) | {"switched": True, "heard": heard})
    else:
        show(*_done(both, to, to.there, heard=heard))


def _checked(both: Regions, to: Region) -> list[Line]:
    with explained(to.settings.stage):
        return list(checks(both, to))


def _heading(both: Regions, to: Region) -> str:
    sender = both.sender()
    return f"{to.name} sends already" if sender == to.name else f"{sender} sends; could {to.name}?"


def _told(both: Regions, to: Region, lines: list[Line]) -> dict[str, Any]:
    return {
        "stage": to.settings.stage,
        "to": to.name,
        "sends": both.sender(),
        "worst": worst(lines),
        "lines": [asdict(line) for line in lines],
    }


def _say(to: Region, there: Deployment) -> dict[str, Any]:
    """Write down that this region sends, and where its queues are, in its own table."""
    queues = {function: there.output(output) for function, output in QUEUES.items()}
    item: dict[str, Any] = {**KEY, "region": to.name, "queues": queues, "at": iso(now())}
    there.table("MessagesTable").put_item(Item=item)
    return item


def _heard(other: Region, said: dict[str, Any]) -> bool:
    return other.there is not None and bool(seen(lambda: asked(other) == said, SECONDS))


def _done(both: Regions, to: Region, there: Deployment, *, heard: bool) -> Iterator[RenderableType]:
    other = both.other(to)
    yield cell(f"Stage {to.settings.stage} sends from {to.name}.")
    if heard:
        yield cell(f"{other.name} knows it and hands on what waits there.")
    else:
        yield cell(f"{other.name} does not know it yet: it hands on what waits there once it is up again.")
    yield ""
    yield fields({"bus": there.output("BusName"), "HTTP API": there.output("PagesUrl"), "region": to.name})
    yield cell("\nApplications put their events on this bus, and hear of their mails there. docs/regions.md")
