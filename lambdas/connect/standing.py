"""Whether a destination may be asked: the item DEST#<name> of the tickets table.

`health` has why and since when it is paused; `wait_until` is when it may be asked again after it said: too often;
`polled` since when the next poll asks.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lambdas.connect.health import Health
from lambdas.shared.dynamodb import ConditionFailed, conditional
from lambdas.shared.queue import Later
from lambdas.shared.timestamps import iso, parsed

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb.service_resource import Table

PAUSED_SECONDS = 900  # until a paused destination is looked at again


@dataclass(frozen=True, kw_only=True)
class State:
    """Times are ISO 8601, empty if none."""

    health: Health
    wait_until: str = ""
    polled: str = ""


class Standing:
    def __init__(self, table: Table) -> None:
        self._table = table

    def state(self, name: str) -> State:
        item = self._table.get_item(Key=key(name), ConsistentRead=True).get("Item", {})
        return State(
            health=health(item), wait_until=str(item.get("wait_until", "")), polled=str(item.get("polled", ""))
        )

    def may_be_asked(self, name: str, now: datetime) -> None:
        """Later if it is paused, or has asked for time."""
        state = self.state(name)
        if state.health.paused_at:
            raise Later(PAUSED_SECONDS, f"{name} is paused: {state.health.reason}")
        if state.wait_until > iso(now):
            left = (parsed(state.wait_until) - now).total_seconds()
            raise Later(math.ceil(left), f"{name} wants to be asked no sooner than {state.wait_until}")

    def wait(self, name: str, now: datetime, seconds: float) -> None:
        """Let nobody ask it for so many seconds; who said more before is believed."""
        until = iso(now + timedelta(seconds=seconds, milliseconds=1))  # written down without what is less
        with suppress(ConditionFailed), conditional():
            self._table.update_item(
                Key=key(name),
                UpdateExpression="SET wait_until = :until",
                ConditionExpression="attribute_not_exists(wait_until) OR wait_until < :until",
                ExpressionAttributeValues={":until": until},
            )

    def pause(self, name: str, now: datetime, reason: str) -> None:
        """Let nobody ask it until somebody resumes it; the first pause stays."""
        with suppress(ConditionFailed), conditional():
            self._table.update_item(
                Key=key(name),
                UpdateExpression="SET health = :paused",
                ConditionExpression="attribute_not_exists(health.paused_at) OR health.paused_at = :nothing",
                ExpressionAttributeValues={":paused": asdict(Health().paused(iso(now), reason)), ":nothing": ""},
            )

    def resume(self, name: str) -> None:
        """Ask it again, as if nothing had gone wrong; what it asked for in time is still waited for."""
        self._table.update_item(
            Key=key(name),
            UpdateExpression="SET health = :well",
            ExpressionAttributeValues={":well": asdict(Health().resumed())},
        )


def key(name: str) -> dict[str, Any]:
    return {"pk": f"DEST#{name}", "sk": "DEST"}


def health(item: dict[str, Any]) -> Health:
    given = item.get("health", {})
    return Health(**given | {"failures": int(given.get("failures", 0))})
