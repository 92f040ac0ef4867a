"""Whether a destination may be asked: the item DEST#<name> of the tickets table.

`health` has why and since when it is paused; `wait_until` is when it may be asked again after it said: too often;
`polled` is when the last poll of it began; `slow` counts its failures in a row that took long.

Whoever waits for a destination keeps one of few executions from all others. So one that is slow again and again rests.
"""

from __future__ import annotations

import logging
import math
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lambdas.connect.health import Health
from lambdas.shared.dynamodb import ConditionFailed, conditional
from lambdas.shared.queue import Later, masked
from lambdas.shared.timestamps import iso, parsed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mypy_boto3_dynamodb.service_resource import Table

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)

PAUSED_SECONDS = 900  # until a paused destination is looked at again
LONG = 4  # seconds; a webhook has 5, and as many has a system to be reached (lambdas/connect/http.py)
SLOW, SLOW_REST = 3, 60  # from so many in a row, so many seconds after each
TRIES = 20  # twice as many as there are executions at a time (infra/connect.py), each of which succeeds once


@dataclass(frozen=True, kw_only=True)
class State:
    """Times are ISO 8601, empty if none."""

    health: Health = field(default_factory=Health)
    wait_until: str = ""
    polled: str = ""
    slow: int = 0

    def allows(self, name: str, now: datetime) -> None:
        """Later if it is paused, or has asked for time."""
        if self.health.paused_at:
            raise Later(PAUSED_SECONDS, f"{name} is paused: {self.health.reason}")
        if self.wait_until > iso(now):
            left = (parsed(self.wait_until) - now).total_seconds()
            raise Later(math.ceil(left), f"{name} is left alone until {self.wait_until}: it asked for that, or is slow")


class Standing:
    def __init__(self, table: Table) -> None:
        self._table = table

    def state(self, name: str) -> State:
        item = self._table.get_item(Key=key(name), ConsistentRead=True).get("Item", {})
        times = {each: str(item.get(each, "")) for each in ("wait_until", "polled")}
        return State(health=health(item), slow=int(str(item.get("slow", 0))), **times)

    def may_be_asked(self, name: str, now: datetime) -> State:
        """Later if not now."""
        state = self.state(name)
        state.allows(name, now)
        return state

    def rest(self, name: str, now: datetime) -> float:
        """For how many seconds it wants to be left alone; 0 if it may be asked."""
        until = self.state(name).wait_until
        return max((parsed(until) - now).total_seconds(), 0) if until else 0

    def wait(self, name: str, now: datetime, seconds: float) -> None:
        """Let nobody ask it for so many seconds; who said more before is believed."""
        until = iso(now + timedelta(seconds=seconds, milliseconds=1))  # written down without what is less
        self._advance(name, "wait_until", until)

    def failed(self, name: str, now: datetime, took: float) -> None:
        """It was asked in vain, for so many seconds until now."""
        if took < LONG:
            return
        answer = self._table.update_item(
            Key=key(name),
            UpdateExpression="ADD slow :one",
            ExpressionAttributeValues={":one": 1},
            ReturnValues="UPDATED_NEW",
        )
        if int(str(answer["Attributes"]["slow"])) >= SLOW:
            self.wait(name, now, SLOW_REST)

    def succeeded(self, name: str) -> None:
        if self.state(name).slow:
            self._table.update_item(Key=key(name), UpdateExpression="REMOVE slow")

    def poll_began(self, name: str, at: str) -> None:
        """The later of two polls counts."""
        self._advance(name, "polled", at)

    def pause(self, name: str, now: datetime, reason: str) -> Later:
        """Let nobody ask it until somebody resumes it; the first pause stays. Gives what to raise."""
        said = f"{reason}. Then: mailroom connect resume {name}"
        self.change_health(name, self.state(name).health, lambda health: health.paused(iso(now), said))
        return Later(PAUSED_SECONDS, f"{name} is paused: {reason}")

    def resume(self, name: str) -> None:
        """Let it be asked again, as one that is well."""
        self.change_health(name, self.state(name).health, lambda health: health.resumed())

    def change_health(self, name: str, known: Health, changed: Callable[[Health], Health]) -> None:
        """Make of its health what `changed` says, whoever else does so meanwhile; `known` is what was read of it. One
        of so many at a time that it never gets its turn is let go: a failure more or less changes nothing."""
        for _ in range(TRIES):
            new = changed(known)
            if new == known:
                return
            try:
                self._replace(name, known, new)
            except ConditionFailed:
                known = self.state(name).health
            else:
                if new.paused_at:
                    tell_paused(name, new.reason)
                return

    def _replace(self, name: str, known: Health, new: Health) -> None:
        """ConditionFailed if its health is no longer what is known."""
        unset = "attribute_not_exists(health) OR " if known == Health() else ""
        with conditional():
            self._table.update_item(
                Key=key(name),
                UpdateExpression="SET health = :new",
                ConditionExpression=f"{unset}health = :known",
                ExpressionAttributeValues={":known": asdict(known), ":new": asdict(new)},
            )

    def _advance(self, name: str, time: str, to: str) -> None:
        with suppress(ConditionFailed), conditional():
            self._table.update_item(
                Key=key(name),
                UpdateExpression="SET #time = :to",
                ConditionExpression="attribute_not_exists(#time) OR #time < :to",
                ExpressionAttributeNames={"#time": time},
                ExpressionAttributeValues={":to": to},
            )


def key(name: str) -> dict[str, Any]:
    return {"pk": f"DEST#{name}", "sk": "DEST"}


def health(item: dict[str, Any]) -> Health:
    given = item.get("health", {})
    return Health(**given | {"failures": int(given.get("failures", 0))})


def tell_standing(name: str, *, paused: bool) -> None:
    """What the alarm DestinationPaused is made of (infra/monitoring.py)."""
    log.info("standing", extra={"destination": name, "paused": int(paused)})


def tell_paused(name: str, reason: str) -> None:
    log.error("paused", extra={"destination": name, "reason": masked(reason)})
    tell_standing(name, paused=True)
