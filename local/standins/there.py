"""A stand-in from outside: its state and its knobs, which server.py, jira.py, zendesk.py and receiver.py tell."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


class NotTurned(ValueError):
    """The stand-in could not do what it was told; the message is its answer."""


@dataclass(frozen=True)
class There:
    """`base` is its address for people."""

    base: str

    def turn(self, knob: str, given: Any = None) -> Any:
        return self._asked("POST", knob, json.dumps(given))["done"]

    def fail(self, kind: str, **more: Any) -> None:
        """A fault (faults.py) for what is asked next."""
        self.turn("faults", [{"kind": kind, **more}])

    @property
    def state(self) -> Any:
        return self._asked("GET", "state")

    @property
    def tickets(self) -> list[dict[str, Any]]:
        return list(self.state["tickets"])

    def _asked(self, method: str, knob: str, body: str | None = None) -> Any:
        connection = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=10)
        try:
            connection.request(method, f"/_stand-in/{knob}", body)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise NotTurned(f"{knob}: {said.decode(errors='replace')}")
        return json.loads(said)
