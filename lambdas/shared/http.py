"""Signed calls of the HTTP API (payload format 2.0), and their answers in JSON.

Refused       an answer that is no success: `status` and a sentence that says what to change
"""

from __future__ import annotations

import base64
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Answer = tuple[int, dict[str, Any]]


class Refused(Exception):
    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def answered(call: Callable[[], Answer], refusals: Mapping[type[Exception], HTTPStatus]) -> dict[str, Any]:
    """What Lambda gives to the HTTP API: what `call` answers, or {"error": sentence} where it raises Refused, or one of
    `refusals`, whose message is that sentence."""
    try:
        status, answer = call()
    except Refused as refused:
        status, answer = refused.status, {"error": str(refused)}
    except tuple(refusals) as refused:
        status = next(status for kind, status in refusals.items() if isinstance(refused, kind))
        answer = {"error": str(refused)}
    return {
        "statusCode": int(status),
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
        "body": json.dumps(answer),
    }


def idempotency_key(event: dict[str, Any]) -> str | None:
    key: str | None = event["headers"].get("idempotency-key")  # HTTP API lower-cases names (payload format 2.0)
    return key


def needed_key(event: dict[str, Any], why: str) -> str:
    if key := idempotency_key(event):
        return key
    raise Refused(HTTPStatus.BAD_REQUEST, f"the header Idempotency-Key is missing: {why}")


def body(event: dict[str, Any]) -> dict[str, Any]:
    raw = event.get("body") or ""
    try:
        parsed = json.loads(base64.b64decode(raw) if event.get("isBase64Encoded") else raw)
        json.dumps(parsed, ensure_ascii=False).encode()  # JSON can name half a surrogate pair, which nothing can store
    except UnicodeEncodeError:
        raise Refused(HTTPStatus.BAD_REQUEST, "the body has half a character (\\ud800 to \\udfff alone)") from None
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
    if not isinstance(parsed, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is not a JSON object")
    return parsed
