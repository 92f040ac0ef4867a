"""Messages: mails that went out, or were meant to."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cli.deployment import Deployment, NotFound, deployed
from cli.output import as_json, cell, fields, limit, line, moment, print_json, show, table
from lambdas.shared.messages import FOREIGN, Message, Messages
from lambdas.shared.timeline import Happening
from lambdas.shared.timestamps import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType


@click.command()
@limit
@as_json
@deployed
def messages(deployment: Deployment, limit: int, *, as_json: bool) -> None:
    """List the newest mails that went out.

    The status is what became of it: what SES has reported, or, as long as it has not, what the outbox knows.
    """
    found = Messages(deployment.table("MessagesTable")).newest(limit, now())
    if as_json:
        return print_json([asdict(message) for message in found])
    if not found:
        return show("No messages in the last 90 days.")
    rows = [
        (
            # SES's id, which a mail that is not ours goes by, would leave the other columns no room.
            f"{'foreign' if message.state == FOREIGN else line(message.id)}\n{moment(message.created_at)}",
            line(message.status),
            f"{line(message.recipient)}\n{line(message.subject or message.template or message.id)}",
        )
        for message in found
    ]
    return show(
        table(("message, created (UTC)", "status", "to, subject"), rows, whole=("message, created (UTC)", "status"))
    )


@click.command("show")
@click.argument("message_id", metavar="ID")
@as_json
@deployed
def show_message(deployment: Deployment, message_id: str, *, as_json: bool) -> None:
    """Show one message with its timeline.

    ID is as `mailroom messages` lists it. The timeline is what SES has done and reported, in order of its times.
    """
    message = Messages(deployment.table("MessagesTable")).get(message_id)
    if not message:
        raise NotFound(f"There is no message {line(message_id)}: `mailroom messages` lists the newest.")
    if as_json:
        return print_json(asdict(message))
    return show(*message_page(message))


def message_page(message: Message) -> Iterator[RenderableType]:
    yield cell(f"Message {line(message.id)}: {line(message.subject) or line(message.template)}")
    yield fields(
        {
            "to": line(message.recipient),
            "status": line(message.status),
            "state": line(message.state),
            "reason": line(message.reason or ""),
            "stream": line(message.stream),
            "template": line(message.template),
            "ticket": line(message.ticket or ""),
            "attempts": str(message.attempts),
            "SES id": line(message.ses_id or ""),
        }
    )
    yield ""
    yield table(("at (UTC)", "what", "facts"), timeline(message), whole=("at (UTC)", "what"))


def timeline(message: Message) -> list[tuple[str, str, str]]:
    """When it was asked for, and SES's events."""
    created = [Happening(key="", kind="created", at=message.created_at)] if message.created_at else []
    return [
        (moment(happening.at), line(happening.kind), "\n".join(facts(happening)))
        for happening in sorted((*created, *message.timeline), key=lambda happening: happening.at)
    ]


def facts(happening: Happening) -> Iterator[str]:
    return (line(f"{name}: {value}") for name, value in happening.facts.items())
