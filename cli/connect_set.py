"""What a destination is signed in to with, and what a webhook is signed with. No secret is an argument of the command:
the list of processes shows those."""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from secrets import token_bytes
from typing import TYPE_CHECKING, Any

import click

from cli.deployment import CommandFailed, Deployment, deployed
from cli.destinations import NAMES, destination, held_by, own_hook, put_secret, webhook
from cli.output import as_json, line, print_json, show
from lambdas.connect.signing import PREFIX
from lambdas.shared.destinations import WEBHOOK

if TYPE_CHECKING:
    from lambdas.shared.destinations import Destination

BYTES = 32
LONGEST = 1000  # characters; an Atlassian API token has about 200
FORM = '{"token": "…", "webhook_secret": "…"}'
KNOWN = "The functions know it within 5 minutes."


@click.command("set")
@click.argument("name")
@click.option("--email", metavar="ADDRESS", help="Jira, Zendesk: the address of the account that the API token is of.")
@as_json
@deployed
def set_secret(deployment: Deployment, *, name: str, email: str | None, as_json: bool) -> None:
    """Set what a destination is signed in to with.

    For Jira and Zendesk: the account's address, its API token, and the secret that their webhooks are signed with,
    which may be empty: then they are asked every 5 minutes what is new. What is not given stays as it is. In a terminal
    you are asked for them; else standard input has token and secret as JSON.

    For a webhook: makes its secret, and shows it this once.

    \b
    Examples:
      mailroom connect set jira
      mailroom connect set zendesk --email mailroom@acme.com < secret.json
    """
    found = destination(deployment, name)
    if found.kind == WEBHOOK:
        if email is not None:
            raise click.UsageError(f"{name} is a webhook: it has no --email.")
        return first_secret(deployment, found, as_json=as_json)
    return credentials(deployment, found, email, as_json=as_json)


@click.command("rotate")
@click.argument("name")
@click.option("--finish", is_flag=True, help="Take the old secret away.")
@as_json
@deployed
def rotate_secret(deployment: Deployment, *, name: str, finish: bool, as_json: bool) -> None:
    """Change a webhook's secret in two steps.

    Makes a new secret and shows it. From then on each call is signed with both, until you have given the new one to
    whoever is called, and run it again with --finish. Before that, it shows the same new secret again.
    """
    found = webhook(deployment, name)
    held = held_secrets(deployment, found)
    if not held:
        raise CommandFailed(f"{name} has no secret yet: `mailroom connect set {name}` makes one.")
    if finish:
        return finished(deployment, found, held, as_json=as_json)
    made = len(held) == 1
    secrets = [new_secret(), *held] if made else held
    if made:
        put_secret(deployment, found, {"secrets": secrets})
    if as_json:
        return print_json({"name": name, "made": made, "secret": secrets[0]})
    begun = (
        f"{name} has a new secret." if made else "The rotation that was begun is not finished: no new secret is made."
    )
    return show(
        f"{begun} {KNOWN} Until `mailroom connect rotate {name} --finish`, calls are signed with the old one too.",
        secrets[0],
    )


def finished(deployment: Deployment, found: Destination, held: list[str], *, as_json: bool) -> None:
    rotated = len(held) > 1
    if rotated:
        put_secret(deployment, found, {"secrets": held[:1]})
    if as_json:
        return print_json({"name": found.name, "finished": rotated})
    return show(
        f"The old secret of {found.name} is taken away." if rotated else "There is no old secret: nothing to finish."
    )


def first_secret(deployment: Deployment, found: Destination, *, as_json: bool) -> None:
    if held_secrets(deployment, found):
        raise CommandFailed(f"{found.name} has a secret: `mailroom connect rotate {found.name}` changes it.")
    made = new_secret()
    put_secret(deployment, found, {"secrets": [made]})
    if as_json:
        return print_json({"name": found.name, "secret": made})
    return show(f"Give this secret to whoever is called; it is shown this once. {KNOWN}", made)


def new_secret() -> str:
    """As Standard Webhooks 1.0.0 has it, "Signature scheme": whsec_ and the bytes in base64."""
    return PREFIX + b64encode(token_bytes(BYTES)).decode()


def held_secrets(deployment: Deployment, found: Destination) -> list[str]:
    held = held_by(deployment, found).get("secrets", [])
    return list(held) if isinstance(held, list) else []


def credentials(deployment: Deployment, found: Destination, email: str | None, *, as_json: bool) -> None:
    held = {"email": "", "token": "", "webhook_secret": ""} | held_by(deployment, found)
    given = prompted(found, held, email) if at_terminal() else piped(email)
    value = held | {name: checked(name, text) for name, text in given.items()}
    if missing := [name for name in ("email", "token") if not value[name]]:
        raise click.UsageError(f"{found.name} has no {missing[0]} yet: give it.")
    put_secret(deployment, found, value)
    hooks = bool(value["webhook_secret"])
    if as_json:
        return print_json({"name": found.name, "email": value["email"], "webhook_secret": hooks})
    return show(
        f"{found.name} signs in as {line(value['email'])}. {KNOWN} `mailroom connect test {found.name}` tries it.",
        f"Webhooks from there go to {own_hook(deployment, found)}."
        if hooks
        else "Without a webhook secret it is asked every 5 minutes what is new, and nothing there may call.",
    )


def at_terminal() -> bool:
    return sys.stdin.isatty()


def piped(email: str | None) -> dict[str, str]:
    """Of standard input, which is a program's or a file."""
    try:
        given: Any = json.load(sys.stdin)
    except (ValueError, RecursionError):
        given = None
    texts = isinstance(given, dict) and all(isinstance(value, str) for value in given.values())
    if not texts or given.keys() - {"token", "webhook_secret"}:
        raise click.UsageError(f"Standard input must be JSON like {FORM}.")
    return {**given, **({"email": email} if email is not None else {})}


def prompted(found: Destination, held: dict[str, Any], email: str | None) -> dict[str, str]:
    """Of whoever sits there; an empty line keeps what is set."""
    system = NAMES[found.kind]
    address = click.prompt(f"E-mail address of the {system} account", default=held["email"] or None, err=True)
    asked = {"email": address} if email is None else {"email": email}
    for name, what, otherwise in (
        ("token", f"API token of {system}", "not shown"),
        ("webhook_secret", "Secret of its webhooks", "not shown; Enter for none"),
    ):
        hint = "not shown; Enter keeps the one that is set" if held[name] else otherwise
        if text := click.prompt(f"{what} ({hint})", default="", show_default=False, hide_input=True, err=True):
            asked[name] = text
    return asked


def checked(name: str, text: str) -> str:
    """Without the end of the line that a file has, and fit for a header."""
    text = text.strip()
    fits = len(text) <= LONGEST and text.isascii() and text.isprintable()
    if not fits or (name != "webhook_secret" and " " in text) or (name == "email" and text.count("@") != 1):
        raise click.UsageError(f"This is no {name}.")
    return text
