"""What a team does with a ticket: asked of the HTTP API, and seen on the ticket once it is done."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import click

from cli.api import Answer, NoAnswer, call
from cli.deployment import ROOT, CommandFailed, Deployment, NotFound
from cli.output import line, print_json, show
from cli.wait import SECONDS, seen
from lambdas.shared.queue import Rejected
from lambdas.shared.schemas import Schemas

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = click.option("--key", metavar="KEY", help="The same key again is the same, done once; default: a new one.")
BY = click.option(
    "--by", metavar="NAME", help="Who does it, as the ticket will show it; default: the name that AWS knows you by."
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A call about a ticket: `schema` is of its body, `what` it is in a sentence."""

    method: str
    path: str
    schema: str
    what: str


REPLY = Asked(method="POST", path="/replies", schema="TicketReply", what="the answer")
NOTE = Asked(method="POST", path="/notes", schema="TicketNote", what="the note")
CHANGE = Asked(method="PATCH", path="", schema="TicketChange", what="the change")


@dataclass(frozen=True, kw_only=True)
class Done:
    """The ticket as it was shown after; `message` is what was done, None while it waits in the queue."""

    ticket: dict[str, Any]
    message: dict[str, Any] | None


def act(
    deployment: Deployment,
    number: int,
    asked: Asked,
    body: dict[str, Any],
    *,
    by: str | None,
    key: str | None,
    as_json: bool,
    told: Callable[[Done], str],
) -> None:
    """Ask for it, wait until it is done, and print what `told` says of it."""
    key = key or secrets.token_hex(16)
    answer = ask(deployment, number, asked, checked(asked, body | {"by": by or caller(deployment)}, key), key)
    ticket, message = seen(lambda: performed(deployment, number, answer.body["message"])) or ({}, None)
    if as_json:
        kept = {name: value for name, value in ticket.items() if name not in {"messages", "left_out"}}
        return print_json({"key": key, **answer.body, "done": message, "now": kept or None})
    if message:
        return show(told(Done(ticket=ticket, message=message)))
    waits = f"Ticket {number}: {asked.what} is in the queue, and not done after {SECONDS} seconds."
    return show(f"{waits} `mailroom status` shows how the queue gets on.\nIdempotency key: {line(key)}")


def ask(deployment: Deployment, number: int, asked: Asked, body: dict[str, Any], key: str) -> Answer:
    """The API's answer, which is that it was taken."""
    try:
        answer = call(deployment, asked.method, f"/tickets/{number}{asked.path}", body, **{"Idempotency-Key": key})
    except NoAnswer as unknown:
        again = f"{asked.what} may have been taken. Say it again with"
        raise NoAnswer(f"{unknown}: {again} --key {key}, and it is done once.") from None
    if answer.status == HTTPStatus.ACCEPTED:
        return answer
    raise refusal(number, asked, answer)


def refusal(number: int, asked: Asked, answer: Answer) -> CommandFailed:
    if answer.status == HTTPStatus.NOT_FOUND and "error" not in answer.body:
        return CommandFailed("The stage has no help desk: it has no mailboxes (docs/settings.md).")
    if answer.status == HTTPStatus.NOT_FOUND:
        return NotFound(f"There is no ticket {number}: `mailroom tickets` lists them.")
    return CommandFailed(f"Ticket {number}: {asked.what} was refused ({answer.status}): {line(answer.error)}.")


def performed(deployment: Deployment, number: int, id: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The ticket and the message that a command has left on it; None as long as it has not."""
    ticket = shown(deployment, number)
    return next(((ticket, message) for message in ticket["messages"] if message["id"] == id), None)


def shown(deployment: Deployment, number: int) -> dict[str, Any]:
    """The ticket as the API shows it."""
    answer = call(deployment, "GET", f"/tickets/{number}")
    if answer.status != HTTPStatus.OK:
        raise refusal(number, CHANGE, answer)
    return answer.body


def checked(asked: Asked, body: dict[str, Any], key: str) -> dict[str, Any]:
    """The body, if the API would take it."""
    try:
        Schemas(ROOT / "docs" / "http").check(asked.schema, body)
    except Rejected as rejected:
        raise click.UsageError(f"This would not be accepted: {rejected}.") from None
    if not key.isascii() or not key.isprintable():
        raise click.UsageError("--key goes into a header of HTTP: printable ASCII characters only.")
    return body


def caller(deployment: Deployment) -> str:
    """The name at the end of the ARN of whose credentials these are: a user's, or a role session's, which is the person
    where people sign in (IAM User Guide, "Identifiers")."""
    arn = str(deployment.client("sts").get_caller_identity()["Arn"])
    return arn.rpartition("/")[2] if "/" in arn else arn.rpartition(":")[2]
