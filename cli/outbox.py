"""The laptop's outbox: what SES would have put on the wire, as files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import click

from cli.deployment import Deployment, deployed
from cli.output import as_json, cell, console, indented, limit, line, moment, print_json, show
from lambdas.shared.mail.mail import Unreadable
from lambdas.shared.mail.parse import parse
from lambdas.shared.timestamps import iso


@dataclass(frozen=True, kw_only=True)
class Sent:
    at: str
    to: list[str]
    subject: str
    outcome: str
    path: str


@click.command()
@limit
@as_json
@deployed
def outbox(deployment: Deployment, limit: int, *, as_json: bool) -> None:
    """List the .eml files that the laptop sent.

    The newest first: when, to whom, with what outcome, its subject, and its file, which any mail program opens.
    """
    running = deployment.laptop("its mail really goes out, so there is no outbox; `mailroom messages` lists it")
    found = [sent(file) for file in sorted(running.outbox.glob("*.eml"), reverse=True)[:limit]]
    if as_json:
        return print_json([asdict(mail) for mail in found])
    if not found:
        return show("The outbox is empty.")
    for mail in found:
        show(cell(f"{moment(mail.at)} UTC  {mail.outcome}  {line(', '.join(mail.to))}"), indented(line(mail.subject)))
        console().print(f"  {line(mail.path)}", markup=False, highlight=False, emoji=False, soft_wrap=True)
    return None


def sent(file: Path) -> Sent:
    """An .eml file of the outbox, with the .json beside it that says what became of it."""
    about = json.loads(file.with_suffix(".json").read_bytes())
    try:
        subject = parse(file.read_bytes()).subject
    except Unreadable as unreadable:
        subject = f"({unreadable.reason})"
    at = datetime.strptime(file.name.partition("-")[0], "%Y%m%dT%H%M%S.%f%z")
    return Sent(at=iso(at), to=about["destination"], subject=subject, outcome=about["outcome"], path=str(file))
