"""The little of ASGI that our applications need (asgi.readthedocs.io, HTTP connection scope)."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


# Signature Version 4 names region and service that it signs for: Credential=KEY/DATE/REGION/SERVICE/aws4_request.
_REGION = re.compile(rb"Credential=[^/,]*/[^/]*/([a-z0-9-]+)/")


def header(scope: Scope, name: bytes) -> bytes:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    return next((value for key, value in headers if key == name), b"")


def signed_for(scope: Scope) -> str:
    """The region that a request is signed for; empty where it is not signed in its header."""
    found = _REGION.search(header(scope, b"authorization"))
    return found[1].decode() if found else ""


async def read_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


async def answer(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
