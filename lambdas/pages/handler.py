import base64
import os
from typing import Any

import boto3

from lambdas.pages.page import Page, Pages
from lambdas.pages.unsubscribe import offer, unsubscribe
from lambdas.pages.verify import look, verify
from lambdas.shared.bus import Bus
from lambdas.shared.messages import Messages
from lambdas.shared.recipients import Recipients
from lambdas.shared.timestamps import now
from lambdas.shared.tokens.key import token_key
from lambdas.shared.tokens.table import Tokens

bus = Bus(boto3.client("events"), os.environ["BUS_NAME"])
tables = boto3.resource("dynamodb")
tokens = Tokens(tables.Table(os.environ["TOKENS_TABLE"]))
messages = Messages(tables.Table(os.environ["MESSAGES_TABLE"]))
recipients = Recipients(tables.Table(os.environ["RECIPIENTS_TABLE"]))
pages = Pages(os.environ["PRODUCT"])


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Answer an HTTP API request (payload format 2.0)."""
    return pages.answer(ROUTES[event["routeKey"]](event))


def _look(event: dict[str, Any]) -> Page:
    return look(_link(event), tokens=tokens, now=now())


def _verify(event: dict[str, Any]) -> Page:
    return verify(_link(event), tokens=tokens, emit=bus.emit, now=now())


def _offer(event: dict[str, Any]) -> Page:
    return offer(_link(event), key=token_key())


def _unsubscribe(event: dict[str, Any]) -> Page:
    return unsubscribe(
        _link(event),
        one_click=b"One-Click" in _body(event),
        key=token_key(),
        messages=messages,
        recipients=recipients,
        emit=bus.emit,
        now=now(),
    )


def _link(event: dict[str, Any]) -> str:
    link: str = event["pathParameters"]["token"]
    return link


def _body(event: dict[str, Any]) -> bytes:
    """What was posted; our own page's button posts nothing."""
    raw: str = event.get("body") or ""
    return base64.b64decode(raw) if event.get("isBase64Encoded") else raw.encode()


ROUTES = {
    "GET /verify/{token}": _look,
    "POST /verify/{token}": _verify,
    "GET /unsubscribe/{token}": _offer,
    "POST /unsubscribe/{token}": _unsubscribe,
}
