"""Recipients: whom Mailroom may not write to."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from cli.asking_ses import asks_ses
from cli.deployment import Deployment, NotFound, deployed
from cli.output import as_json, fields, limit, line, minute, moment, print_json, show, table
from cli.progress import bar
from cli.suppress import known_address
from lambdas.shared.recipients import ALL, SCOPES, Recipient, Recipients, Suppression
from lambdas.shared.suppressed import PAGE, Suppressed
from lambdas.shared.timestamps import now
from lambdas.suppression.ses_list import BOUNCE, SesList

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from lambdas.suppression.ses_list import Entry


@click.command()
@click.option("--scope", type=click.Choice(SCOPES), help="Only who gets no mail of this scope.")
@limit
@click.option("--after", metavar="ADDRESS", help="The next page: those after this one.")
@as_json
@deployed
def recipients(deployment: Deployment, *, scope: str | None, limit: int, after: str | None, as_json: bool) -> None:
    """List who gets no mail, or not all.

    The newest first. Reading some costs next to nothing; with --scope all may have to be read to find some: a million
    addresses cost half a cent.

    \b
    Examples:
      mailroom recipients
      mailroom recipients --scope marketing --limit 100
      mailroom recipients export suppressed.csv
    """
    suppressed = Suppressed(deployment.table("RecipientsTable"))
    start = suppressed.place(after) if after else None
    if after and not start:
        raise NotFound(f"{line(after)} is not suppressed: begin without --after.")
    with bar("reading", None) as advance:
        wanted = matching(suppressed.all(start, PAGE if scope else limit + 1), scope, advance)
        found = list(islice(wanted, limit + 1))
    shown, more = found[:limit], len(found) > limit
    if as_json:
        following = shown[-1].address if more else None
        return print_json({"recipients": [asdict(one) for one in shown], "after": following})
    if not shown:
        return show("Nobody is suppressed." if not scope and not after else "No more are suppressed.")
    show(table(("since (UTC)", "no", "by", "address, reason"), rows(shown, scope), whole=("since (UTC)", "no", "by")))
    return show(f"There are more: --after {line(shown[-1].address)}") if more else None


def matching(found: Iterator[Recipient], scope: str | None, advance: Any) -> Iterator[Recipient]:
    """Those for whom something of the scope holds."""
    for one in found:
        advance(1)
        if holding(one, scope):
            yield one


def holding(recipient: Recipient, scope: str | None) -> list[Suppression]:
    at = now()
    return [one for one in recipient.suppressions if one.holds(at) and scope in (None, one.scope)]


def rows(found: list[Recipient], scope: str | None) -> list[tuple[str, str, str, str]]:
    return [
        (minute(one.at), what(one.scope), line(one.by), f"{line(recipient.address)}\n{line(one.reason)}")
        for recipient in found
        for one in holding(recipient, scope)
    ]


@click.command("show")
@click.argument("address", callback=known_address)
@click.option("--ses", is_flag=True, help="Ask SES too, whose own list may refuse what we would send.")
@as_json
@deployed
@asks_ses
def show_recipient(deployment: Deployment, address: str, *, ses: bool, as_json: bool) -> None:
    """Show whether an address may be written to.

    What is suppressed, since when, until when, by whom and why, with the message and the SES feedback that it rests on;
    and the soft bounces of late.
    """
    known = Recipients(deployment.table("RecipientsTable")).get(address)
    entry = SesList(client=deployment.client("sesv2")).get(address) if ses else None
    if as_json:
        return print_json(asdict(known) | ({"ses": asdict(entry) if entry else None} if ses else {}))
    if not known.suppressions:
        show(f"{line(known.address)}: nothing is suppressed.")
    else:
        show(line(known.address), *(page(one) for one in known.suppressions))
    show(*more(known), *(theirs(entry) if ses else ()))
    return None


def page(suppression: Suppression) -> RenderableType:
    until = f"{moment(suppression.until)} UTC{'' if suppression.holds(now()) else ', which is over'}"
    return fields(
        {
            "suppressed": what(suppression.scope),
            "since": f"{moment(suppression.at)} UTC",
            "until": until if suppression.until else "",
            "by": line(suppression.by),
            "reason": line(suppression.reason),
            "message": line(suppression.message_id),
            "evidence": line(suppression.evidence),
        }
    )


def more(known: Recipient) -> Iterator[RenderableType]:
    if known.lifted:
        yield fields({f"lifted ({what(scope)})": f"{moment(at)} UTC" for scope, at in known.lifted.items()})
    if known.soft:
        soft = sorted(known.soft.items(), key=lambda bounce: bounce[1])
        yield table(("soft bounce (UTC)", "message, evidence"), [(moment(at), line(key)) for key, at in soft])


def theirs(entry: Entry | None) -> Iterator[RenderableType]:
    if not entry:
        yield "It is not on SES's list."
        return
    stopped = "no mail" if entry.reason == BOUNCE else "no marketing mail"
    yield f"SES has it on its list ({line(entry.reason)}) since {moment(entry.at)} UTC, and sends it {stopped}."


def what(scope: str) -> str:
    return "all mail" if scope == ALL else f"{scope} mail"
