"""Whether a destination may be asked: the item DEST#<name> of the tickets table.

`health` has why and since when it is paused; `wait_until` is when it may be asked again after it said: too often.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import asdict
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


class Standing:
    def __init__(self, table: Table) -> None:
        self._table = table

    def may_be_asked(self, name: str, now: datetime) -> None:
        """Later if it is paused, or has asked for time."""
        item = self._table.get_item(Key=key(name), ConsistentRead=True).get("Item", {})
        if health(item).paused_at:
            raise Later(PAUSED_SECONDS, f"{name} is paused: {health(item).reason}")
        if (until := str(item.get("wait_until", ""))) > iso(now):
            left = (parsed(until) - now).total_seconds()
            raise Later(math.ceil(left), f"{name} wants to be asked no sooner than {until}")

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


def key(name: str) -> dict[str, Any]:
    return {"pk": f"DEST#{name}", "sk": "DEST"}


def health(item: dict[str, Any]) -> Health:
    given = item.get("health", {})
    return Health(**given | {"failures": int(given.get("failures", 0))})
