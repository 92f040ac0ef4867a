"""`mailroom doctor`: what is well with a stage, what is not, and what mends it."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import click

from cli.deployment import LAPTOP_ACCOUNT, NoStandby, WrongSettings, stacks_of
from cli.doctor.case import Case
from cli.doctor.dns import UNKNOWN_KEYS, records
from cli.doctor.examine import OF_THE_ACCOUNT, Check, examined
from cli.doctor.line import ERROR, LEVELS, OK, WARNING, Line, error, worst
from cli.doctor.names import names
from cli.doctor.probe import probe
from cli.doctor.sign_in import sign_in
from cli.output import as_json, cell, print_json, show, visible
from cli.settings import in_chosen_region
from lambdas.shared.timestamps import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from cli.deployment import Deployment
    from infra.settings import Settings

# 1 is what any command ends with that failed, and 2 what click ends with for a wrong call.
STATUS = {OK: 0, WARNING: 3, ERROR: 1}


@click.command()
@click.option("--send", is_flag=True, help="Mail a mailbox of the stage too, wait for the ticket, and erase all of it.")
@click.option("--mailbox", metavar="ADDRESS", help="With --send: which one. Default: where it disturbs least.")
@click.option(
    "--wait",
    type=click.IntRange(1, 900),
    default=240,
    show_default=True,
    metavar="SECONDS",
    help="With --send: how long the mail may take.",
)
@as_json
@click.pass_obj
def doctor(stage: str, /, *, send: bool, mailbox: str | None, wait: int, as_json: bool) -> None:
    """Say what is well with a stage, and what mends the rest.

    Looks at the settings, the credentials, the account and its quotas, identities, DNS, receiving, stacks and alarms,
    and changes nothing. Works before the first deployment too. Exit status 0 if all is well, 3 if the worst is a
    warning, 1 if it is an error; docs/doctor.md explains each line.
    """
    if mailbox and not send:
        raise click.UsageError("--mailbox says where --send mails to: give both.")
    lines = list(look(stage, partial(probe, address=mailbox, seconds=wait) if send else None))
    if as_json:
        print_json({"stage": stage, "worst": worst(lines), "lines": [asdict(line) for line in lines]})
    else:
        show(*page(stage, lines))
    raise SystemExit(STATUS[worst(lines)])


def look(stage: str, sending: Check | None) -> Iterator[Line]:
    try:
        settings = in_chosen_region(stage)
    except (WrongSettings, NoStandby) as wrong:
        yield from (error("settings", fault, "docs/settings.md") for fault in wrong.message.splitlines())
        return
    signed_in, there = sign_in(settings)
    yield signed_in
    if there:
        yield from examined(case_of(settings, there), OF_THE_ACCOUNT | ({"probe-send": sending} if sending else {}))
    else:
        yield from records(settings, UNKNOWN_KEYS, names(laptop=settings.account == LAPTOP_ACCOUNT), deployed=False)


def case_of(settings: Settings, there: Deployment) -> Case:
    return Case(
        settings=settings,
        there=there,
        list_stacks=lambda: list(stacks_of(settings.stage, there.session, there.running).values()),
        names=names(laptop=there.running is not None),
        now=now(),
    )


def page(stage: str, lines: list[Line]) -> Iterator[RenderableType]:
    from rich.table import Table

    yield cell(f"Stage {stage}\n")
    made = Table.grid(padding=(0, 2))
    made.add_column(no_wrap=True)
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for one in lines:
        made.add_row(cell(one.level), cell(one.check), cell(line_of(one)))
    yield made
    counted = ", ".join(f"{count} {level}" for level in LEVELS if (count := sum(one.level == level for one in lines)))
    yield cell(f"\n{counted}")


def line_of(one: Line) -> str:
    """What was found may be somebody else's words: they begin no line of their own."""
    return "\n→ ".join(visible(" ".join(text.split())) for text in (one.said, one.mend) if text)
