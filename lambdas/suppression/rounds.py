"""How far a round of bringing both lists in step has come, kept among the recipients under what is no address."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

KEY = {"address": "#sync"}


@dataclass(frozen=True, kw_only=True)
class Round:
    """`since`: SES's entries that are older were seen by rounds before; None for all. SES's list is read first, `token`
    is the place in it; once it is `read`, ours goes on at `place`."""

    began_at: str
    since: str | None
    token: str | None = None
    read: bool = False
    place: dict[str, Any] | None = None


class Rounds:
    def __init__(self, table: Table) -> None:
        self._table = table

    def current(self) -> Round | None:
        kept = self._item().get("round")
        return Round(**kept) if kept else None

    def last(self) -> str | None:
        """When the last round began that came to its end."""
        return self._item().get("finished")

    def save(self, round: Round) -> None:
        self._table.update_item(
            Key=KEY,
            UpdateExpression="SET #round = :round",
            ExpressionAttributeNames={"#round": "round"},
            ExpressionAttributeValues={":round": asdict(round)},
        )

    def finish(self, round: Round) -> None:
        self._table.update_item(
            Key=KEY,
            UpdateExpression="SET finished = :began REMOVE #round",
            ExpressionAttributeNames={"#round": "round"},
            ExpressionAttributeValues={":began": round.began_at},
        )

    def _item(self) -> dict[str, Any]:
        return self._table.get_item(Key=KEY, ConsistentRead=True).get("Item", {})


def again(round: Round) -> Round:
    """SES's list from its beginning."""
    return replace(round, token=None)
