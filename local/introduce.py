"""The secrets that functions and stand-ins share, put in at both ends, as an operator does with the real systems."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from secrets import token_bytes, token_urlsafe
from typing import Any

from lambdas.connect.signing import PREFIX
from lambdas.shared.destinations import JIRA, WEBHOOK, ZENDESK, Destination
from local.outside import Outside
from local.standins.there import There

EMAIL = "mailroom@acme.test"  # whom the stand-ins know


def introduce(outside: Outside) -> dict[str, There]:
    """New secrets at both ends; gives the stand-ins by the names of the destinations that they are."""
    function = outside.client("lambda").get_function_configuration(FunctionName=outside.outputs["ConnectFunction"])
    destinations = Destination.read(function["Environment"]["Variables"]["DESTINATIONS"])
    standins = {name: There(outside.aws.standins[name]) for name in destinations}
    for name, there in standins.items():
        destination = destinations[name]
        held = SHARED[destination.kind](there, f"{outside.outputs['PagesUrl']}/hooks/{name}")
        outside.client("secretsmanager").put_secret_value(
            SecretId=destination.secret_arn, SecretString=json.dumps(held)
        )
    return standins


def ticket_system(there: There, hook: str) -> dict[str, Any]:
    token, secret = token_urlsafe(), token_urlsafe()
    there.turn("token", {"token": token})
    there.turn("webhook", {"url": hook, "secret": secret})
    return {"email": EMAIL, "token": token, "webhook_secret": secret}


def receiver(there: There, _hook: str) -> dict[str, Any]:
    secret = PREFIX + b64encode(token_bytes(32)).decode()
    there.turn("secret", {"secret": secret})
    return {"secrets": [secret]}


SHARED: dict[str, Callable[[There, str], dict[str, Any]]] = {
    JIRA: ticket_system,
    ZENDESK: ticket_system,
    WEBHOOK: receiver,
}
