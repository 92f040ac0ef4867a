"""Recipients: whom Mailroom may not write to."""

from __future__ import annotations

from dataclasses import asdict

import click

from cli.deployment import Deployment, deployed
from cli.output import as_json, line, moment, print_json, show, table
from lambdas.shared.recipients import ALL, Recipients


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
    rows = [
        (
            "all mail" if suppression.scope == ALL else f"{suppression.scope} mail",
            moment(suppression.at),
            line(suppression.reason),
            f"message {line(suppression.message_id)}\n{line(suppression.evidence)}",
        )
        for suppression in recipient.suppressions
    ]
    whole = ("suppressed", "since (UTC)")
    return show(
        f"{line(recipient.address)}\n", table(("suppressed", "since (UTC)", "reason", "evidence"), rows, whole=whole)
    )
