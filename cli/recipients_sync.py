"""Our recipients and SES's list compared whole, and brought in step."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cli.asking_ses import asks_ses
from cli.deployment import Deployment, deployed
from cli.output import as_json, line, minute, print_json, show, table
from cli.progress import bar
from lambdas.shared.bus import Bus
from lambdas.shared.recipients import Recipients
from lambdas.shared.suppressed import Suppressed
from lambdas.suppression.differences import LIFT, PUT, TAKE, Difference, from_ses, to_ses
from lambdas.suppression.ses_list import NotTaken, SesList
from lambdas.suppression.settle import Settler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEANING = {
    TAKE: "SES has it: suppressed here",
    LIFT: "lifted here: taken off SES's list",
    PUT: "suppressed here: put on SES's list",
}
SHOWN = 100


@click.command()
@click.option("--dry-run", is_flag=True, help="Only show the differences.")
@as_json
@deployed
@asks_ses
def sync(deployment: Deployment, *, dry_run: bool, as_json: bool) -> None:
    """Bring the suppressed and SES's own list in step.

    Once a day it happens by itself, for what is new. This compares both lists from beginning to end. SES takes about
    one request a second, so what is to be put on its list takes as many seconds; broken off, the same again goes on.
    docs/feedback.md says who is right where the lists differ.
    """
    table = deployment.table("RecipientsTable")
    recipients, suppressed = Recipients(table), Suppressed(table)
    theirs = SesList(client=deployment.client("sesv2"))
    emit = Bus(deployment.client("events"), deployment.output("BusName")).emit
    with bar("comparing", None) as advance:
        found = list(differences(suppressed, theirs, advance))
    refused = [] if dry_run else settle(Settler(recipients=recipients, ses=theirs, emit=emit), found)
    if as_json:
        print_json({"dry_run": dry_run, "differences": [asdict(one) for one in found], "refused": refused})
    else:
        tell(found, refused, dry_run=dry_run)
    click.get_current_context().exit(1 if refused else 0)


def differences(suppressed: Suppressed, theirs: SesList, advance: Callable[[int], None]) -> Iterator[Difference]:
    """`advance` is told of each address that was looked at."""
    there: dict[str, str] = {}
    token: str | None = None
    while True:
        entries, token = theirs.page(None, token)
        known = suppressed.about([entry.address for entry in entries])
        there |= {entry.address: entry.reason for entry in entries}
        yield from (one for entry in entries if (one := from_ses(entry, known[entry.address])))
        advance(len(entries))
        if token is None:
            break
    for recipient in suppressed.all():
        if one := to_ses(recipient, there.get(recipient.address)):
            yield one
        advance(1)


def settle(settler: Settler, found: list[Difference]) -> list[str]:
    """Gives the addresses that SES did not take."""
    refused = []
    with bar("settling", len(found)) as advance:
        for one in found:
            try:
                settler.settle(one)
            except NotTaken:
                refused.append(one.address)
            advance(1)
    return refused


def tell(found: list[Difference], refused: list[str], *, dry_run: bool) -> None:
    if not found:
        return show("Both lists say the same.")
    rows = [(MEANING[one.kind], f"{one.reason}\n{minute(one.at)}", line(one.address)) for one in found[:SHOWN]]
    show(table(("what", "reason, since (UTC)", "address"), rows, whole=("reason, since (UTC)",)))
    if len(found) > SHOWN:
        show(f"These are the first {SHOWN} of {len(found):,}; --json has all.")
    counted = Counter(one.kind for one in found)
    said = ", ".join(f"{MEANING[kind].partition(': ')[2]}: {counted[kind]:,}" for kind in MEANING if counted[kind])
    show(f"{'It would be: ' if dry_run else ''}{said}.")
    if refused:
        show(f"SES did not take {len(refused):,} of them, such as {line(refused[0])}: in its sandbox it takes none.")
    return None
