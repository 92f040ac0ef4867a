"""Counts all messages again, to the place in the stream where the counters stand, while mail goes on.

The counters are read at one place of the stream: nobody has counted on while they were. Then every item is read, each
at another moment. What an item was at that place is what the first change after it says it was before; an item that has
not changed since is still what was read. So both are compared at the same place, though neither stands still.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.shared.counts.contributions import DAY, HOUR, contributions
from lambdas.shared.counts.table import HOURS_KEPT, is_over, row_of
from lambdas.shared.timestamps import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.shared.counts.contributions import Cell
    from lambdas.shared.counts.stream import Page, Stream
    from lambdas.shared.counts.table import Checkpoint, Counts

TRIES = 10
# A query may see one write of a transaction and not yet another (DynamoDB developer guide, transactions, isolation).
TRANSACTION_SECONDS = 0.5

Checkpoints = dict[str, "Checkpoint"]


class Moving(Exception):
    """The counters were counted on each time they were read."""


class Trimmed(Exception):
    """Changes after the place where the counters stand are gone, so that none can tell what was there."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    cell: Cell
    counted: int
    recounted: int


def uncounted(stream: Stream, checkpoints: Checkpoints, until: datetime) -> Iterator[Page]:
    """The changes after the checkpoints that were written `until` then, and maybe some more; those of each item in
    order."""
    for shard in stream.shards():
        reached = checkpoints.get(shard.id)
        if not (reached and reached.ended):
            yield from stream.pages(shard, reached.sequence if reached else None, until)


def standing(table: Table, counts: Counts) -> tuple[Checkpoints, Counter[Cell]]:
    """All counters, and the checkpoints at which they stood. Moving if they do not keep still."""
    for _ in range(TRIES):
        before = counts.checkpoints()
        time.sleep(TRANSACTION_SECONDS)
        cells = Counter(dict(counted(table)))
        if counts.checkpoints() == before:
            return before, cells
    raise Moving


def counted(table: Table) -> Iterator[tuple[Cell, int]]:
    for page in pages(table):
        for row in (row_of(item) for item in page if str(item["pk"]).startswith((DAY, HOUR))):
            yield from (((row.pk, row.sk, counter), number) for counter, number in row.counters.items())


class Recount:
    """The cells of every message as it was read."""

    def __init__(self) -> None:
        self._cells: dict[str, frozenset[Cell]] = {}
        self._same: dict[frozenset[Cell], frozenset[Cell]] = {}  # most messages count as others do

    def __len__(self) -> int:
        return len(self._cells)

    def read(self, table: Table, advance: Callable[[int], None]) -> None:
        for page in pages(table):
            for item in page:
                cells = contributions(item)
                self._cells[str(item["id"])] = self._same.setdefault(cells, cells)
            advance(len(page))

    def at(self, stream: Stream, checkpoints: Checkpoints) -> Counter[Cell]:
        """The sum over the messages as they were at the checkpoints. Trimmed if that cannot be told any more."""
        before: dict[str, frozenset[Cell]] = {}
        for page in uncounted(stream, checkpoints, now()):
            if page.gap:
                raise Trimmed
            for change in page.changes:
                if change.id not in before:
                    before[change.id] = contributions(change.old)
        found: Counter[Cell] = Counter()
        for cells in (self._cells | before).values():
            found.update(cells)
        return found


def differences(counters: Mapping[Cell, int], recount: Mapping[Cell, int]) -> list[Difference]:
    """But for hours that have expired, or are about to."""
    soon = now() + HOURS_KEPT / 40
    cells = sorted(cell for cell in counters.keys() | recount.keys() if not is_over(cell[0], soon))
    return [
        Difference(cell=cell, counted=counters.get(cell, 0), recounted=recount.get(cell, 0))
        for cell in cells
        if counters.get(cell, 0) != recount.get(cell, 0)
    ]


def pages(table: Table) -> Iterator[list[dict[str, Any]]]:
    start: dict[str, Any] = {}
    while True:
        page = table.scan(ConsistentRead=True, **start)
        yield page["Items"]
        if not (last := page.get("LastEvaluatedKey")):
            return
        start = {"ExclusiveStartKey": last}
