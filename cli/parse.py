"""`mailroom parse`: what Mailroom reads in mails, without a running system."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from lambdas.shared.mail.mail import Mail, Unreadable
from lambdas.shared.mail.parse import parse


@click.command("parse")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one for each file.")
def parse_command(files: tuple[str, ...], *, as_json: bool) -> None:
    """Read mails from FILE... (- is standard input) and show what they say.

    Exit status 1 if a file could not be opened; a mail that cannot be read is an answer, with its reason.
    """
    show = _print_json if as_json else _print_summary
    unopened = False
    for file in files:
        try:
            raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except OSError as error:
            unopened = True
            show(file, f"cannot be opened: {error.strerror}")
            continue
        try:
            show(file, parse(raw))
        except Unreadable as error:
            show(file, error.reason)
    if unopened:
        raise SystemExit(1)


def _print_json(file: str, mail: Mail | str) -> None:
    answer = (
        {"file": file, "error": mail} if isinstance(mail, str) else {"file": file, "error": None, **answer_of(mail)}
    )
    click.echo(json.dumps(answer, ensure_ascii=True))


def answer_of(mail: Mail) -> dict[str, Any]:
    """The mail as JSON can hold it; attachments without their content."""
    return {
        "subject": mail.subject,
        "from": (mail.sender.email or None) if mail.sender else None,
        "from_name": mail.sender.name if mail.sender else "",
        "to": [address.email for address in mail.to],
        "cc": [address.email for address in mail.cc],
        "reply_to": [address.email for address in mail.reply_to],
        "date": mail.date,
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "text": mail.text,
        "html": mail.html,
        "attachments": [
            {
                "filename": a.filename,
                "content_type": a.content_type,
                "size": a.size,
                "content_id": a.content_id,
                "inline": a.inline,
            }
            for a in mail.attachments
        ],
        "reply": mail.reply,
        "signature": mail.signature,
        "kind": mail.kind,
        "reasons": list(mail.reasons),
        "bounces": [
            {"recipient": b.recipient, "status": b.status, "permanent": b.permanent, "diagnostic": b.diagnostic}
            for b in mail.bounces
        ],
        "original_message_id": mail.original_message_id,
    }


def _print_summary(file: str, mail: Mail | str) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title=file, show_header=False)
    if isinstance(mail, str):
        table.add_row("error", mail)
    else:
        for name, value in answer_of(mail).items():
            table.add_row(name, str(value))
    console.print(table)


if __name__ == "__main__":
    parse_command()
