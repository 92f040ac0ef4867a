"""A stand-in for whoever receives our webhook: it verifies as Standard Webhooks 1.0.0 says, and keeps what came.

Each event once, by its webhook-id; how often one came again is counted. What it should never see is in `wrong`.
"""

from __future__ import annotations

import hmac
import json
import time
from base64 import b64decode, b64encode
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.standins.exchange import Answer, Asked
from local.standins.server import Route, StandIn

if TYPE_CHECKING:
    from collections.abc import Callable

EVENTS = Path(__file__).parents[2] / "docs" / "events"
TOLERANCE = 300  # seconds
SECRET = "whsec_" + b64encode(b"what this stand-in begins with").decode()


class Receiver(StandIn):
    name = "hook"

    def __init__(self, *, secret: str = SECRET, seed: int = 0) -> None:
        super().__init__(user="", token="", seed=seed)
        self.secret = secret
        self.events: dict[str, dict[str, Any]] = {}
        self.repeats: Counter[str] = Counter()
        self.refused: list[str] = []

    def routes(self) -> list[Route]:
        return [("POST", "/.*", self._take)]

    def knobs(self) -> dict[str, Callable[[Any], Any]]:
        """`secret` {"secret": "whsec_…"}: what it verifies with from now on; `empty`: it forgets what came."""
        return {"secret": lambda given: setattr(self, "secret", given["secret"]), "empty": lambda _given: self._empty()}

    def contents(self) -> dict[str, Any]:
        kept = {"events": list(self.events.values()), "repeats": dict(self.repeats), "refused": self.refused}
        return kept | {"validates": True}

    def failure(self, status: int, text: str) -> Answer:
        return Answer(status=status, data={"error": text})

    def stranger(self, asked: Asked) -> Answer | None:
        why = self._distrust(asked)
        if why:
            self.refused.append(why)
        return self.failure(401, why) if why else None

    def _distrust(self, asked: Asked) -> str:
        """Section "Signature scheme": "v1," and the base64 of the HMAC-SHA256 of id.timestamp.body."""
        message, at, given = (asked.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
        key = b64decode(self.secret.removeprefix("whsec_"))
        signature = "v1," + b64encode(hmac.digest(key, f"{message}.{at}.".encode() + asked.body, "sha256")).decode()
        if not at.isdecimal() or abs(time.time() - int(at)) > TOLERANCE:
            return "it was not signed within five minutes"
        known = any(hmac.compare_digest(signature, each) for each in given.split(" "))
        return "" if known else "none of the signatures is by the secret that we have"

    def _take(self, asked: Asked) -> Answer:
        message, came = asked.headers["webhook-id"], asked.json()
        if message in self.events:
            self.repeats[message] += 1
            if self.events[message]["event"] != came:
                self.wrong.append(f"{message} came again with another body")
            return Answer(status=204)
        self.events[message] = {"id": message, "event": came}
        if fault := misfit(came):
            self.wrong.append(f"{message}: {fault}")
        return Answer(status=204)

    def _empty(self) -> None:
        self.events.clear()
        self.repeats.clear()
        self.refused.clear()


def misfit(came: dict[str, Any]) -> str:
    """What the event has that its schema does not allow, or has not that it wants."""
    if came.keys() != {"type", "timestamp", "data"}:
        return f"it has {', '.join(came)}"
    try:
        schema(came["type"])(came["data"])
    except (ValueError, OSError) as error:  # fastjsonschema's own errors are ValueErrors
        return f"{came['type']}: {error}"
    return ""


@cache
def schema(kind: str) -> Callable[[Any], Any]:
    import fastjsonschema

    checked: Callable[[Any], Any] = fastjsonschema.compile(json.loads((EVENTS / f"{kind}.json").read_bytes()))
    return checked
