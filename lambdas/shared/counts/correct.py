"""Corrects counters by what they differ from a recount. The difference stays right while others count on: both add."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from lambdas.shared.counts.table import MOST_WRITES, SHARDS, addition, by_row, transact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.shared.counts.contributions import Cell

KEY = {"pk": "CORRECTION", "sk": "CURRENT"}


class Correction:
    """One correction. Two at once would add the same twice, so that which begins last ends the other."""

    def __init__(self, table: Table, id: str) -> None:
        self._table = table
        self._id = id

    def begin(self) -> None:
        self._table.put_item(Item={**KEY, "id": self._id})

    def add(self, cells: Mapping[Cell, int], now: datetime, advance: Callable[[int], None]) -> None:
        """Overtaken, with some of it done, once another correction has begun."""
        rows = iter(by_row(cells, now).items())
        while some := list(islice(rows, MOST_WRITES - 1)):
            transact(self._table, [self._check(), *(addition(self._table.name, row, adds) for row, adds in some)])
            advance(sum(len(adds) for _, adds in some))

    def end(self, shards: list[str]) -> None:
        """What was missing in these shards is counted now."""
        for shard in shards:
            self._table.update_item(Key={"pk": SHARDS, "sk": shard}, UpdateExpression="REMOVE gap_at")

    def _check(self) -> dict[str, Any]:
        return {
            "ConditionCheck": {
                "TableName": self._table.name,
                "Key": KEY,
                "ConditionExpression": "id = :id",
                "ExpressionAttributeValues": {":id": self._id},
            }
        }
