"""Show what there is of a person, and erase it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

import click

from cli.deployment import CommandFailed, Deployment, deployed
from cli.erase import Erased, erase
from cli.output import as_json, fields, line, moment, print_json, show
from cli.person import Person, find
from lambdas.shared.recipients import ALL

BACKUPS = "The tables' backups hold what was erased until it is 35 days old (point-in-time recovery)."
QUOTED = (
    "What others wrote in tickets {numbers} stays without the address, and may quote the person; so do their mails as "
    "they came, until the setting raw_mail_days takes them."
)


@click.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Erase it. Without this, it is only shown.")
@as_json
@deployed
def forget(deployment: Deployment, address: str, *, yes: bool, as_json: bool) -> None:
    """Show, or erase, all there is of a person.

    ADDRESS is the person's. Erased are the tickets that the person asked for, with all that is in them; in tickets of
    others what the person wrote; the mails that came from the address and those that went there, with their timelines,
    files, links and codes. Of a mail that went to others too, the address is taken out. It reads every item of the
    tables, which takes a while where there are many.

    \b
    Examples:
      mailroom forget mia@example.org
      mailroom forget mia@example.org --yes
    """
    if "@" not in address.strip("@"):
        raise click.UsageError(f"{line(address)} is no address.")
    person = find(deployment, address, progress)
    if person.address in person.mailboxes:
        raise CommandFailed(f"{line(person.address)} is a mailbox of this stage, and no person.")
    done = erase(deployment, person, progress) if yes and not person.gone else None
    progress("")
    kept = what_is_kept(person, done)
    if as_json:
        data = {"address": person.address, "found": found_data(person), "erased": asdict(done) if done else None}
        return print_json(data | {"kept": kept})
    show(line(person.address))
    show(fields(found(person)) if not person.gone else "There is nothing to erase.")
    if done:
        show("", "Erased:", fields(told(done)))
    for reason in kept:
        show("", reason)
    if not person.gone and not yes:
        show("", "Nothing is erased yet: say it again with --yes.")
    return None


def progress(text: str) -> None:
    """One line that is written over, for a person who waits; none where nobody sees it."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[2K{text}", err=True, nl=False)


def found_data(person: Person) -> dict[str, Any]:
    return {
        "tickets": [ticket.number for ticket in person.tickets],
        "shared_tickets": [ticket.number for ticket in person.shared],
        "received": [delivery.ses_id for delivery in person.deliveries],
        "mails": [mail.id for mail in person.mails],
        "shared_mails": [mail.id for mail in person.shared_mails],
        "tokens": len(person.tokens),
        "suppressed": [suppression.scope for suppression in person.suppressions],
        "suppressed_by_ses": person.ses,
        "objects": person.objects,
    }


def found(person: Person) -> dict[str, str]:
    timelines = sum(len(mail.timeline) for mail in person.mails)
    return {
        "tickets": listing([ticket.number for ticket in person.tickets], "asked for by the person"),
        "in tickets of others": listing([ticket.number for ticket in person.shared], "takes part, or is named"),
        "mails that came": counted(len(person.deliveries)),
        "mails that went out": counted(len(person.mails), f"with {timelines} events"),
        "mails to others too": counted(len(person.shared_mails)),
        "links and codes": counted(len(person.tokens)),
        "files": counted(len(person.objects), "in the mail bucket"),
        "recipient": "known" if person.known else "",
        "answers counted": counted(len(person.limits)),
    }


def told(done: Erased) -> dict[str, str]:
    return {
        "tickets": counted(done.tickets),
        "messages": counted(done.messages, "in tickets of others"),
        "mails that came": counted(done.received),
        "mails that went out": counted(done.mails),
        "mails to others too": counted(done.shared_mails),
        "links and codes": counted(done.tokens),
        "files": counted(done.objects),
        "recipient": counted(done.entries),
    }


def what_is_kept(person: Person, done: Erased | None) -> list[str]:
    """What is not erased, and why, a sentence each."""
    kept = [
        f"Kept: no {'mail' if suppression.scope == ALL else f'{suppression.scope} mail'} goes to the address since "
        f"{moment(suppression.at)} UTC ({line(suppression.reason)}). Without this it would be mailed again."
        for suppression in person.suppressions
    ]
    if person.ses:
        how = "`mailroom unsuppress` takes it off"
        kept.append(f"Kept: the address is on SES's own list of those not mailed ({line(person.ses)}); {how}.")
    if person.shared:
        kept.append(QUOTED.format(numbers=", ".join(str(ticket.number) for ticket in person.shared)))
    if done and done.waiting:
        kept.append(f"Left: {done.waiting} mails are on their way. Say it again once they have gone out.")
    if done:
        kept.append(BACKUPS)
    return kept


def counted(number: int, more: str = "") -> str:
    return f"{number} {more}".strip() if number else ""


def listing(numbers: list[int], more: str) -> str:
    return f"{', '.join(map(str, numbers))} ({more})" if numbers else ""
