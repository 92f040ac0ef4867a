"""Recipients: whom Mailroom may not write to."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cli.deployment import Deployment, deployed
from cli.output import as_json, fields, line, moment, print_json, show
from lambdas.shared.recipients import ALL, Recipients, Suppression

if TYPE_CHECKING:
    from rich.console import RenderableType


@click.command("show")
@click.argument("address")
@as_json
@deployed
def show_recipient(deployment: Deployment, address: str, *, as_json: bool) -> None:
    """Show whether an address may be written to.

    What is suppressed, since when and why, with the message and the SES feedback that it rests on.
    """
    recipient = Recipients(deployment.table("RecipientsTable")).get(address)
    if as_json:
        return print_json(asdict(recipient))
    if not recipient.suppressions:
        return show(f"{line(recipient.address)}: nothing is suppressed.")
    show(line(recipient.address), *(page(suppression) for suppression in recipient.suppressions))
    return None


def page(suppression: Suppression) -> RenderableType:
    return fields(
        {
            "suppressed": "all mail" if suppression.scope == ALL else f"{suppression.scope} mail",
            "since": f"{moment(suppression.at)} UTC",
            "until": f"{moment(suppression.until)} UTC" if suppression.until else "",
            "by": suppression.by,
            "reason": line(suppression.reason),
            "message": line(suppression.message_id),
            "evidence": line(suppression.evidence),
        }
    )
