"""Signatures of the webhook that goes out, as Standard Webhooks 1.0.0 has them ("Signature scheme"). Pure.

NotASecret    what is given as a secret is none; the message says what one looks like, and nothing of what was given
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64  # bytes of a secret


class NotASecret(ValueError):
    def __init__(self) -> None:
        super().__init__(f"a webhook's secret is {PREFIX} and then {SHORTEST} to {LONGEST} random bytes in base64")


def key(secret: str) -> bytes:
    """The bytes that a secret stands for; NotASecret."""
    try:
        decoded = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise NotASecret from None
    if not secret.startswith(PREFIX) or not SHORTEST <= len(decoded) <= LONGEST:
        raise NotASecret
    return decoded


def headers(id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """What a webhook's receiver knows it by. `id` has no full stop, which parts what is signed; `timestamp`, in seconds
    since 1970, is that of this try. While secrets rotate there are two, and a signature by each. NotASecret, also if
    none is given."""
    if not secrets:
        raise NotASecret
    signed = f"{id}.{timestamp}.".encode() + body
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key(secret), signed) for secret in secrets),
    }


def signature(key: bytes, signed: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
