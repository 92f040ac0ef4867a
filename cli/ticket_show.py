"""One ticket with its messages."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from botocore.config import Config

from cli.deployment import Deployment, NotFound, deployed, endpoint
from cli.output import as_json, cell, fields, indented, line, moment, paragraphs, person, print_json, show
from lambdas.shared.tickets.files import TicketFiles
from lambdas.shared.tickets.shown import ticket_data
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tickets.ticket import Ticket, TicketMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3.client import S3Client
    from rich.console import RenderableType

    from lambdas.shared.tickets.links import Link


@click.command("show")
@click.argument("number", type=int)
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write a page for the browser, with the mails as they were meant to look.",
)
@click.option("--remote", is_flag=True, help="With --html: fetch pictures from elsewhere, which tells the senders.")
@as_json
@deployed
def show_ticket(deployment: Deployment, number: int, *, page: Path | None, remote: bool, as_json: bool) -> None:
    """Show one ticket with its messages.

    Of each message the newly written text, without what it quotes; `--json` has the whole text too. In the page of
    `--html` nothing runs, nothing is fetched, and the links to files are good for 15 minutes.

    \b
    Examples:
      mailroom ticket show 7
      mailroom ticket show 7 --html ticket.html
    """
    if remote and not page:
        raise click.UsageError("--remote is of the page: say --html FILE too.")
    ticket, messages = found(deployment, number)
    links = Tickets(deployment.table("TicketsTable")).links(number)
    if page:
        page.write_text(html(deployment, ticket, messages, remote=remote), encoding="utf-8")
    if as_json:
        elsewhere = [{"destination": link.destination, **shown(link)} for link in links]
        return print_json(
            ticket_data(ticket) | {"elsewhere": elsewhere, "messages": [asdict(message) for message in messages]}
        )
    if page:
        return click.echo(page)
    return show(*text(ticket, messages, links))


def html(deployment: Deployment, ticket: Ticket, messages: list[TicketMessage], *, remote: bool) -> str:
    from cli.ticket_page import ticket_page  # which reads mail

    files = TicketFiles(s3=signing(deployment), bucket=deployment.output("MailBucket"))
    return ticket_page(ticket, messages, files.raw, files.link, remote=remote)


def signing(deployment: Deployment) -> S3Client:
    """Links of the older signature, which boto3 makes in the oldest regions, are refused by buckets of newer ones."""
    options = endpoint(deployment.running)
    options["config"] = Config(signature_version="s3v4").merge(options.get("config", Config()))
    client: S3Client = deployment.session.client("s3", **options)
    return client


def found(deployment: Deployment, number: int) -> tuple[Ticket, list[TicketMessage]]:
    store = Tickets(deployment.table("TicketsTable"))
    if ticket := store.get(number):
        return ticket, store.messages(number)
    raise NotFound(f"There is no ticket {number}: `mailroom tickets` lists them.")


def shown(link: Link) -> dict[str, Any]:
    """What a person may want to know of a counterpart: `refused` is how many messages they did not take, `failures` how
    often in a row it could not be brought there."""
    names = ("key", "url", "gone", "failures")
    return {name: getattr(link, name) for name in names} | {"refused": len(link.refused)}


def counterpart(link: Link) -> str:
    doubts = [
        "" if link.key else "not there yet",
        f"gone: {link.gone}" if link.gone else "",
        f"{len(link.refused)} refused" if link.refused else "",
        f"failed {link.failures} times in a row, and is tried again" if link.failures else "",
    ]
    told = "; ".join(filter(None, doubts))
    return line(f"{link.destination} {link.key} {link.url}" + (f" ({told})" if told else ""))


def text(ticket: Ticket, messages: list[TicketMessage], links: list[Link]) -> Iterator[RenderableType]:
    yield cell(f"Ticket {ticket.number}: {line(ticket.subject)}")
    yield fields(
        {
            "status": ticket.status,
            "priority": ticket.priority if ticket.priority != "normal" else "",
            "assignee": line(ticket.assignee or ""),
            "tags": line(", ".join(sorted(ticket.tags))),
            "mailbox": line(ticket.mailbox),
            "requester": person(ticket.requester_name, ticket.requester),
            "participants": line(", ".join(sorted(ticket.participants))),
            "follows": f"ticket {ticket.follows}" if ticket.follows else "",
            "goes on in": f"ticket {ticket.followed_by}" if ticket.followed_by else "",
            "elsewhere": "\n".join(map(counterpart, links)),
            "opened": f"{moment(ticket.created_at)} UTC",
            "updated": f"{moment(ticket.updated_at)} UTC",
        }
    )
    for message in messages:
        yield ""
        yield cell(f"{moment(message.at)} UTC  {person(message.sender_name, message.sender)}")
        yield indented(paragraphs(message.reply) or "(no text)")
        yield facts(message)


def facts(message: TicketMessage) -> RenderableType:
    from rich.padding import Padding

    attached = [f"{line(file.filename)} ({line(file.content_type)}, {file.size} bytes)" for file in message.attachments]
    said = {
        "kind": "" if message.kind == "mail" else line(message.kind),
        "to": line(", ".join(message.recipients)),
        "flags": line(", ".join(message.flags)),
        "attached": "\n".join(attached),
        "mail": line(message.raw_key),
    }
    return Padding(fields(said), (0, 0, 0, 2), expand=False)
