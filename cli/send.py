"""Send a mail through the HTTP API, as an application does; take a scheduled one back."""

from __future__ import annotations

import base64
import json
import mimetypes
import secrets
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from cli.api import Answer, NoAnswer, call
from cli.deployment import ROOT, CommandFailed, Deployment, NotFound, deployed
from cli.output import as_json, line, print_json, show, table
from lambdas.shared.messages import ENDED
from lambdas.shared.queue import Rejected
from lambdas.shared.schemas import Schemas

# Lambda takes 6 MB a call (quotas), and base64 makes 3 bytes 4.
ATTACHED_BYTES = 4 * 1024 * 1024
ELSEWHERE = "put them into a bucket of the setting attachment_buckets, and name them there (docs/sending.md)."
READABLE_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("template")
@click.option("--to", multiple=True, required=True, metavar="ADDRESS", help="Recipient; repeat for several.")
@click.option("--data", metavar="JSON", help="The template's variables, as a JSON object.")
@click.option("--data-file", type=READABLE_FILE, metavar="FILE", help="The same, from a file.")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="One variable, a text; repeat for several.")
@click.option("--locale", metavar="TAG", help="The mail's language, such as de; default: English.")
@click.option("--stream", type=click.Choice(["transactional", "marketing"]), help="Default: transactional.")
@click.option("--attach", multiple=True, type=READABLE_FILE, metavar="FILE", help="A file; repeat for several.")
@click.option("--send-at", metavar="TIME", help="When, as in 2026-12-24T18:00:00Z; default: at once.")
@click.option("--reply-to", metavar="ADDRESS", help="Where answers shall go.")
@click.option("--key", metavar="KEY", help="The same key again is the same mail, sent once; default: a new one.")
@as_json
@deployed
def send(
    deployment: Deployment,
    /,
    *,
    template: str,
    to: tuple[str, ...],
    data: str | None,
    data_file: Path | None,
    pairs: tuple[str, ...],
    attach: tuple[Path, ...],
    key: str | None,
    as_json: bool,
    **said: str | None,
) -> None:
    """Send a mail made from a template.

    Asks the stage's HTTP API, as your application may, and shows what became of it for each recipient. Exit status 0
    if none failed; what waits (a time, SES's rate) did not. `mailroom templates list` shows templates and variables.

    \b
    Examples:
      mailroom send notice --to mia@example.org --set title=Hello --set text='We have moved.'
      mailroom send receipt --to mia@example.org --data-file order.json --attach invoice.pdf --locale de
    """
    key = key or secrets.token_hex(16)
    body: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    body |= {"template": template, "to": to[0] if len(to) == 1 else list(to), "data": variables(data, data_file, pairs)}
    body |= {"attachments": attachments(attach, ELSEWHERE)} if attach else {}
    answer = asked(deployment, checked(body, key), key)
    if "messages" not in answer.body:
        raise CommandFailed(f"The API refused it ({answer.status}): {line(answer.error)}")
    told = answer.body["messages"]
    if as_json:
        print_json({"key": key, "messages": told})
    else:
        show_told(key, told)
    if any(message["state"] in ENDED for message in told):
        raise SystemExit(1)


def asked(deployment: Deployment, body: dict[str, Any], key: str) -> Answer:
    try:
        return call(deployment, "POST", "/messages", body, **{"Idempotency-Key": key})
    except NoAnswer as unknown:
        again = "it may have been sent. Say it again with"
        raise NoAnswer(f"{unknown}: {again} --key {key}, and it is sent once.") from None


def show_told(key: str, told: list[dict[str, str]]) -> None:
    rows = [
        (line(message["id"]), line(message["to"]), line(message["state"]), line(message["reason"])) for message in told
    ]
    show(table(("message", "to", "state", "reason"), rows, whole=("message", "state")))
    show(f"Idempotency key: {key}")


def checked(body: dict[str, Any], key: str) -> dict[str, Any]:
    """The body, if the API would take it."""
    try:
        Schemas(ROOT / "docs" / "events").check("SendMail", body | {"idempotency_key": key})
    except Rejected as rejected:
        raise click.UsageError(f"This would not be accepted: {rejected}.") from None
    if not key.isascii() or not key.isprintable():
        raise click.UsageError("--key goes into a header of HTTP: printable ASCII characters only.")
    return body


def variables(data: str | None, data_file: Path | None, pairs: tuple[str, ...]) -> dict[str, Any]:
    """The template's variables; those of --set come on top."""
    if data is not None and data_file:
        raise click.UsageError("Give --data or --data-file, not both.")
    text = data_file.read_text(encoding="utf-8") if data_file else data
    try:
        given = json.loads(text) if text is not None else {}
    except ValueError as error:
        raise click.UsageError(f"The data is not JSON: {error}.") from None
    if not isinstance(given, dict):
        raise click.UsageError('The data is no JSON object, such as {"name": "Mia"}.')
    return given | dict(map(pair, pairs))


def pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--set {line(text)} is not NAME=VALUE.")
    return name, value


def attachments(files: tuple[Path, ...], otherwise: str) -> list[dict[str, str]]:
    """The files as a call holds them; `otherwise` says what to do with those that are too large."""
    if sum(path.stat().st_size for path in files) > ATTACHED_BYTES:
        most = ATTACHED_BYTES // 1024 // 1024
        raise click.UsageError(f"The files are larger than {most} MB together, which a call cannot hold: {otherwise}")
    return [
        {
            "filename": path.name,
            "content_type": mimetypes.guess_type(path.name)[0] or "application/octet-stream",
            "content": base64.b64encode(path.read_bytes()).decode(),
        }
        for path in files
    ]


@click.command("cancel")
@click.argument("message_id", metavar="ID")
@as_json
@deployed
def cancel_message(deployment: Deployment, message_id: str, *, as_json: bool) -> None:
    """Take a scheduled message back before it is due.

    ID is as `mailroom send` and `mailroom messages` show it.
    """
    answer = call(deployment, "DELETE", f"/messages/{quote(message_id, safe='')}")
    if answer.status == HTTPStatus.NOT_FOUND:
        raise NotFound(f"There is no message {line(message_id)}: `mailroom messages` lists the newest.")
    if answer.status != HTTPStatus.OK:
        raise CommandFailed(f"Message {line(message_id)} was not cancelled: {line(answer.error)}.")
    if as_json:
        return print_json(answer.body)
    return show(f"Message {line(message_id)} is cancelled.")
