"""Answer a ticket, or note something in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TextIO

import click

from cli.deployment import Deployment, deployed
from cli.output import as_json, line, paragraphs
from cli.send import READABLE_FILE, attachments
from cli.ticket_act import BY, KEY, NOTE, REPLY, Done, act, shown
from lambdas.shared.tickets.ticket import STATUSES

TEXT = click.option("--text", metavar="TEXT", help="The text; default: what you write in your editor.")
TEXT_FILE = click.option(
    "--text-file", type=click.File(encoding="utf-8"), metavar="FILE", help="The text, from a file; - is standard input."
)
ATTACH = click.option("--attach", multiple=True, type=READABLE_FILE, metavar="FILE", help="A file; repeat for several.")
BELOW = "# What is below this line is not part of it."
ELSEWHERE = "put them where the customer can fetch them, and name the place."


@click.command("reply")
@click.argument("number", type=int)
@TEXT
@TEXT_FILE
@ATTACH
@click.option("--status", type=click.Choice(STATUSES), help="The ticket's status then; default: pending.")
@BY
@KEY
@as_json
@deployed
def reply(
    deployment: Deployment,
    /,
    *,
    number: int,
    text: str | None,
    text_file: TextIO | None,
    attach: tuple[Path, ...],
    status: str | None,
    by: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Answer a ticket by mail.

    The answer goes to all who take part, in the thread of their mails, with what it answers quoted below and the
    mailbox's signature. Then the ticket is pending: it waits for the customer.

    \b
    Examples:
      mailroom ticket reply 7 --text 'It left today.' --attach label.pdf --status solved
      mailroom ticket reply 7 --text-file answer.txt
    """
    body = written(deployment, number, text, text_file, attach) | ({"status": status} if status else {})
    act(deployment, number, REPLY, body, by=by, key=key, as_json=as_json, told=answered)


@click.command("note")
@click.argument("number", type=int)
@TEXT
@TEXT_FILE
@ATTACH
@BY
@KEY
@as_json
@deployed
def note(
    deployment: Deployment,
    /,
    *,
    number: int,
    text: str | None,
    text_file: TextIO | None,
    attach: tuple[Path, ...],
    by: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Keep a note in a ticket.

    Only the team sees it: no mail goes out, and the status stays.

    \b
    Example:
      mailroom ticket note 7 --text 'The carrier confirms the loss.'
    """
    body = written(deployment, number, text, text_file, attach)
    act(deployment, number, NOTE, body, by=by, key=key, as_json=as_json, told=noted)


def answered(done: Done) -> str:
    message = done.message or {}
    told = line(", ".join(message.get("recipients", ())))
    return f"Ticket {done.ticket['number']} is answered, to {told}. It is {line(done.ticket['status'])} now."


def noted(done: Done) -> str:
    return f"The note is in ticket {done.ticket['number']}."


def written(
    deployment: Deployment, number: int, text: str | None, text_file: TextIO | None, attach: tuple[Path, ...]
) -> dict[str, Any]:
    """The body of the call: the text of one of the three places, and the files."""
    if text is not None and text_file:
        raise click.UsageError("Give --text or --text-file, not both.")
    if text_file:
        try:
            text = text_file.read()
        except UnicodeDecodeError:
            raise click.UsageError("--text-file is not UTF-8 text.") from None
    if text is None:
        text = edited(deployment, number)
    if not text.strip():
        raise click.UsageError("There is no text: nothing was sent.")
    return {"text": text.strip()} | ({"attachments": attachments(attach, ELSEWHERE)} if attach else {})


def edited(deployment: Deployment, number: int) -> str:
    """What somebody writes in the editor (EDITOR, VISUAL), with the conversation's end below for reading."""
    last = [message for message in shown(deployment, number)["messages"] if message["kind"] != "change"][-1:]
    said = "".join(f"{line(message['sender'])}:\n\n{paragraphs(message['reply'])}\n" for message in last)
    return (click.edit(f"\n{BELOW}\n\n{said}", extension=".txt") or "").partition(BELOW)[0]
