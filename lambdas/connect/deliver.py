"""Telling a webhook of an event: a try now, and if it fails the next one later, for a day.

What is tried again is a command of its own, so that a try and the count of those before it are one message.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from lambdas.connect.remote import NotAllowed
from lambdas.connect.retry import wait
from lambdas.connect.standing import PAUSED_SECONDS
from lambdas.connect.webhook import DELIVERED, UNWANTED, message
from lambdas.shared.queue import MAX_DELAY_SECONDS, Later, Rejected
from lambdas.shared.timestamps import iso, parsed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.connect.clients import Clients
    from lambdas.connect.health import Health
    from lambdas.connect.standing import Standing
    from lambdas.connect.webhook import Attempt, Webhook


class Ask(Protocol):
    def __call__(self, id: str, detail_type: str, detail: dict[str, Any], delay: int = 0) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Deliver:
    """`ask` puts (id, detail-type, detail) into our own queue, to come after so many seconds, 900 at most; `chance` is
    random, from 0 to 1."""

    webhooks: Clients[Webhook]
    standing: Standing
    ask: Ask
    now: Callable[[], datetime]
    chance: Callable[[], float]

    def deliver(self, detail: dict[str, Any]) -> None:
        """Try once, if it is time. Later; Rejected after a day of failures, which a pause begins anew."""
        name, now = detail["destination"], self.now()
        self.webhooks.destination(name)
        if detail["due"] > iso(now):
            left = (parsed(detail["due"]) - now).total_seconds()
            raise Later(math.ceil(left), f"{name} is tried again at {detail['due']}")
        state = self.standing.state(name)
        if state.health.paused_at and detail["first"]:
            return self._again(detail, PAUSED_SECONDS, failures=0, first="", due="")
        state.allows(name, now)
        try:
            webhook = self.webhooks.get(name)
            began = self.now()
            attempt = webhook.deliver(message(detail["event"]))
        except NotAllowed as error:
            raise self.standing.pause(name, now, str(error)) from None
        if attempt.outcome == UNWANTED:
            raise self.standing.pause(name, now, attempt.reason)
        if attempt.outcome == DELIVERED:
            self.standing.succeeded(name)
            return self.standing.change_health(name, state.health, lambda health: health.succeeded())
        return self._failed(detail, state.health, attempt, began=began)

    def _failed(self, detail: dict[str, Any], health: Health, attempt: Attempt, *, began: datetime) -> None:
        """The next try is asked for last: after a crash before that, this one is made again."""
        name, now, first = detail["destination"], self.now(), detail["first"] or iso(began)
        self.standing.failed(name, now, (now - began).total_seconds())
        self.standing.change_health(name, health, lambda health: health.failed(iso(now), attempt.reason))
        if attempt.retry_after:
            self.standing.wait(name, now, attempt.retry_after)
        failures = detail["failures"] + 1
        elapsed = (now - parsed(first)).total_seconds()
        seconds = wait(failures, elapsed, chance=self.chance(), retry_after=attempt.retry_after)
        if seconds is None:
            reason = f"{name} was tried {failures} times since {first}, last: {attempt.reason}"
            raise Rejected(reason, {"Answer": attempt.answer})
        self._again(detail, seconds, failures=failures, first=first, due=iso(now + timedelta(seconds=seconds)))

    def _again(self, detail: dict[str, Any], seconds: float, **changed: Any) -> None:
        delay = min(math.ceil(seconds), MAX_DELAY_SECONDS)
        self.ask(detail["event"]["detail"]["id"], "DeliverEvent", detail | changed, delay)


def delivery(name: str, event: dict[str, Any]) -> dict[str, Any]:
    """The detail of DeliverEvent for the first try to tell a destination of an event of the bus."""
    told = {part: event[part] for part in ("detail-type", "time", "detail")}
    return {"destination": name, "event": told, "failures": 0, "first": "", "due": ""}
