"""How streams stand, in the counts table.

GUARD#<stream>      STATE       what is done to the stream, since when and why (decide.State)
GUARD#<stream>      RATES       its rates as the guard saw them last, the worst first
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lambdas.shared.dynamodb import ConditionFailed, conditional
from lambdas.shared.guard.decide import State
from lambdas.shared.guard.level import STATE, Level, key
from lambdas.shared.guard.rates import Rate, Since, Tally
from lambdas.shared.timestamps import iso, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mypy_boto3_dynamodb.service_resource import Table

RATES = "RATES"
MOST_RATES = 60  # kept for people to look at


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What the guard saw, and when; None if it never looked."""

    at: datetime | None = None
    rates: tuple[Rate, ...] = ()


class Guarded:
    def __init__(self, table: Table) -> None:
        self._table = table

    def state(self, stream: str) -> State:
        return state_of(self._table.get_item(Key=key(stream, STATE), ConsistentRead=True).get("Item", {}))

    def put(self, stream: str, state: State) -> bool:
        """False if another has changed the stream since it had the version before this one."""
        try:
            with conditional():
                self._table.put_item(
                    Item={**key(stream, STATE), **item_of(state)},
                    ConditionExpression="attribute_not_exists(pk) OR version = :seen",
                    ExpressionAttributeValues={":seen": state.version - 1},
                )
        except ConditionFailed:
            return False
        return True

    def told(self, stream: str, version: int) -> None:
        """A change has been acted on and told, unless there is another by now."""
        try:
            with conditional():
                self._table.update_item(
                    Key=key(stream, STATE),
                    UpdateExpression="SET untold = :no",
                    ConditionExpression="version = :version",
                    ExpressionAttributeValues={":no": False, ":version": version},
                )
        except ConditionFailed:
            return

    def look(self, stream: str, rates: Sequence[Rate], at: datetime) -> None:
        kept = json.dumps([asdict(rate) for rate in rates[:MOST_RATES]])
        self._table.put_item(Item={**key(stream, RATES), "at": iso(at), "rates": kept})

    def looked(self, stream: str) -> Looked:
        found = self._table.get_item(Key=key(stream, RATES)).get("Item")
        if not found:
            return Looked()
        rates = tuple(Rate(**rate) for rate in json.loads(str(found["rates"])))
        return Looked(at=parsed(str(found["at"])), rates=rates)


def item_of(state: State) -> dict[str, Any]:
    return {
        "level": state.level.name,
        "reached": state.reached.name,
        "was": state.was.name,
        "since": iso(state.since),
        "by": state.by,
        "reason": state.reason,
        "rate": json.dumps(state.rate),
        "untold": state.untold,
        "commands": [*state.commands],
        "counted": json.dumps(asdict(state.counted)),
        "version": state.version,
    }


def state_of(item: Mapping[str, Any]) -> State:
    if not item:
        return State()
    counted = json.loads(item["counted"])
    before = {domain: Tally(**tally) for domain, tally in counted["before"].items()}
    return State(
        level=Level[item["level"]],
        reached=Level[item["reached"]],
        was=Level[item["was"]],
        since=parsed(item["since"]),
        by=item["by"],
        reason=item["reason"],
        rate=json.loads(item["rate"]),
        untold=item["untold"],
        commands=tuple(item["commands"]),
        counted=Since(hour=counted["hour"], before=before),
        version=int(item["version"]),
    )
