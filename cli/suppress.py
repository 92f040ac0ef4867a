"""An operator's word on who gets no mail, and who does again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.asking_ses import asks_ses
from cli.deployment import CommandFailed, Deployment, deployed
from cli.output import as_json, line, moment, print_json, show
from cli.recipients_file import REASON, address
from lambdas.shared.bus import Bus
from lambdas.shared.dynamodb import ConditionFailed
from lambdas.shared.recipients import ALL, COMMAND, SCOPES, Recipients, Suppression, suppressed_event
from lambdas.shared.timestamps import iso, now
from lambdas.suppression.differences import SCOPES as OF_REASONS
from lambdas.suppression.ses_list import SesList

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.shared.recipients import Recipient
    from lambdas.suppression.ses_list import Entry


def known_address(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    try:
        return address(value)
    except ValueError as fault:
        raise click.BadParameter(f"{fault}.") from None


@click.command()
@click.argument("address", callback=known_address)
@click.option("--scope", type=click.Choice(SCOPES), default=ALL, show_default=True, help="Which mail to stop.")
@click.option("--reason", default="asked for", show_default=True, metavar="TEXT", help="Why, in words.")
@as_json
@deployed
def suppress(deployment: Deployment, address: str, *, scope: str, reason: str, as_json: bool) -> None:
    """Send an address no more mail.

    It holds at once, for all that Mailroom sends. What stops all mail gets on SES's own list too, within a day or with
    `mailroom recipients sync`, and so holds for what others send by SMTP.

    \b
    Examples:
      mailroom suppress mia@example.org --reason 'asked by phone'
      mailroom suppress mia@example.org --scope marketing
    """
    if not reason.strip() or len(reason) > REASON:
        raise click.UsageError(f"--reason has up to {REASON} characters.")
    recipients = Recipients(deployment.table("RecipientsTable"))
    said = Suppression(scope=scope, reason=reason.strip(), message_id="", evidence="", at=iso(now()), by=COMMAND)
    standing = next((one for one in recipients.get(address).suppressions if one.scope == scope), None)
    new = not standing or standing.until is not None
    if new:
        Bus(deployment.client("events"), deployment.output("BusName")).emit(
            "RecipientSuppressed", suppressed_event(address, said)
        )
        recipients.suppress(address, said)
    if as_json:
        return print_json({"address": address, "scope": scope, "new": new})
    if standing and not new:
        since = f"since {moment(standing.at)} UTC ({line(standing.reason)})"
        return show(f"{line(address)} gets no {what(scope)} already, {since}.")
    return show(f"{line(address)} gets no {what(scope)} from now on.")


@click.command()
@click.argument("address", callback=known_address)
@click.option("--scope", type=click.Choice(SCOPES), help="Only this; all that stands if not said.")
@click.option("--despite-evidence", is_flag=True, help="Lift what a bounce, a complaint or SES's list says too.")
@as_json
@deployed
@asks_ses
def unsuppress(
    deployment: Deployment, address: str, *, scope: str | None, despite_evidence: bool, as_json: bool
) -> None:
    """Let an address have mail again.

    It is taken off SES's own list too, which would refuse the mail otherwise. What rests on evidence stays, unless you
    say that you know better: mail to who bounces or complains costs the reputation of all.

    \b
    Examples:
      mailroom unsuppress mia@example.org
      mailroom unsuppress mia@example.org --scope marketing --despite-evidence
    """
    recipients, theirs = Recipients(deployment.table("RecipientsTable")), SesList(client=deployment.client("sesv2"))
    known, entry = recipients.get(address), theirs.get(address)
    there = OF_REASONS.get(entry.reason) if entry else None
    scopes = (
        [scope] if scope else [one for one in SCOPES if one == there or one in {s.scope for s in known.suppressions}]
    )
    standing = [one for one in known.suppressions if one.scope in scopes]
    on_list = entry if there in scopes else None
    if (evidence := resting(standing, on_list)) and not despite_evidence:
        raise CommandFailed(
            f"{line(address)} is not let have mail: {evidence}. --despite-evidence lifts it all the same."
        )
    if on_list:
        theirs.remove(address)
        recipients.note_on_ses(known, None)
    if standing or on_list:
        lift(recipients, known, scopes)
    if as_json:
        return print_json(
            {"address": address, "lifted": [one.scope for one in standing], "off_ses": on_list is not None}
        )
    stays = left(known, scopes, None if on_list else entry)
    if not standing and not on_list:
        said = f"{line(address)}: nothing{f' of the scope {scope}' if scope else ''} is suppressed."
    else:
        said = f"{line(address)} may have {' and '.join(map(what, scopes))} again."
    return show(" ".join((said, *stays)))


def left(known: Recipient, lifted: list[str], entry: Entry | None) -> Iterator[str]:
    """What stops all or some of its mail still."""
    for one in known.suppressions:
        if one.scope == ALL and ALL not in lifted and one.holds(now()):
            yield f"All mail to it still is suppressed ({line(one.reason)})."
    if entry:
        yield f"SES still has it on its list ({line(entry.reason)})."


def lift(recipients: Recipients, known: Recipient, scopes: list[str]) -> None:
    try:
        recipients.lift(known, scopes, iso(now()))
    except ConditionFailed:
        raise CommandFailed("What is suppressed has changed at this moment: look at it, and say it again.") from None


def resting(standing: list[Suppression], entry: Entry | None) -> str:
    """What is known for certain; SES's entry is, where it does not come from a word of ours."""
    found = [f"{line(one.reason)} since {moment(one.at)} UTC" for one in standing if one.evidence]
    if entry and not standing:
        found.append(f"SES has it on its list ({line(entry.reason)}) since {moment(entry.at)} UTC")
    return "; ".join(found)


def what(scope: str) -> str:
    return "mail" if scope == ALL else f"{scope} mail"
