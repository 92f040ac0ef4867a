"""`mailroom parse`: what Mailroom reads in mail files, without a running system."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.output import cell, fields, indented, line, moment, paragraphs, person, show
from lambdas.shared.mail.mail import Unreadable
from lambdas.shared.mail.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambdas.shared.mail.mail import Address, Attachment, Bounced, Mail


@click.command("parse")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one for each file.")
def parse_command(files: tuple[str, ...], *, as_json: bool) -> None:
    """Read mails from FILE... (- is standard input) and show what they say.

    A mail that cannot be read is an answer, with its reason. Exit status 1 if a file could not be opened.
    """
    unopened = False
    for file in files:
        try:
            mail, error = parse(content(file)), None
        except Unreadable as unreadable:
            mail, error = None, unreadable.reason
        except OSError as os_error:
            unopened = True
            mail, error = None, f"cannot be opened: {os_error.strerror}"
        (answer if as_json else page)(file, mail, error)
    if unopened:
        raise SystemExit(1)


def content(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def answer(file: str, mail: Mail | None, error: str | None) -> None:
    click.echo(json.dumps({"file": file, "error": error, **(data(mail) if mail else {})}))


def data(mail: Mail) -> dict[str, Any]:
    """The mail as JSON can hold it; attachments without their content."""
    return {
        "subject": mail.subject,
        "from": (mail.sender.email or None) if mail.sender else None,
        "from_name": mail.sender.name if mail.sender else "",
        "to": emails(mail.to),
        "cc": emails(mail.cc),
        "reply_to": emails(mail.reply_to),
        "date": mail.date,
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "text": mail.text,
        "html": mail.html,
        "attachments": [attachment_data(attachment) for attachment in mail.attachments],
        "reply": mail.reply,
        "signature": mail.signature,
        "kind": mail.kind,
        "reasons": list(mail.reasons),
        "bounces": [bounced_data(bounced) for bounced in mail.bounces],
        "original_message_id": mail.original_message_id,
    }


def emails(addresses: Iterable[Address]) -> list[str]:
    return [address.email for address in addresses]


def attachment_data(attachment: Attachment) -> dict[str, Any]:
    return {
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "content_id": attachment.content_id,
        "inline": attachment.inline,
    }


def bounced_data(bounced: Bounced) -> dict[str, Any]:
    return {
        "recipient": bounced.recipient,
        "status": bounced.status,
        "permanent": bounced.permanent,
        "diagnostic": bounced.diagnostic,
    }


def page(file: str, mail: Mail | None, error: str | None) -> None:
    show(cell(line(file)))
    if mail is None:
        return show(fields({"error": line(error)}), "")
    show(
        fields(
            {
                "from": people((mail.sender,) if mail.sender else ()),
                "to": people(mail.to),
                "cc": people(mail.cc),
                "subject": line(mail.subject),
                "date": f"{moment(mail.date)} UTC" if mail.date else "",
                "kind": line(mail.kind),
                "because": line("; ".join(mail.reasons)),
                "failed": "\n".join(failure(bounced) for bounced in mail.bounces),
                "attached": "\n".join(attached(attachment) for attachment in mail.attachments),
            }
        ),
        indented(paragraphs(mail.reply) or "(no new text)"),
        "",
    )
    return None


def people(addresses: Iterable[Address]) -> str:
    return ", ".join(person(address.name, address.email) for address in addresses)


def failure(bounced: Bounced) -> str:
    return line(f"{bounced.recipient} {bounced.status} {bounced.diagnostic}")


def attached(attachment: Attachment) -> str:
    return line(f"{attachment.filename or '(no name)'} ({attachment.content_type}, {attachment.size} bytes)")


if __name__ == "__main__":
    parse_command()
