"""What the fold commits together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lambdas.shared.counts.contributions import contributions
from lambdas.shared.counts.table import MOST_WRITES, Checkpoint
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from lambdas.shared.counts.contributions import Cell
    from lambdas.shared.counts.stream import Change
    from lambdas.shared.counts.table import Place


@dataclass
class Batch:
    """Changes of some shards, each shard's in their order, and the places up to which they were read."""

    places: dict[str, Place] = field(default_factory=dict)
    cells: Counter[Cell] = field(default_factory=Counter)
    rows: set[tuple[str, str]] = field(default_factory=set)
    changes: int = 0

    @property
    def moved(self) -> list[Place]:
        return [place for place in self.places.values() if place.reached != (place.seen or Checkpoint())]

    @property
    def urgent(self) -> bool:
        """A shard is read to its end, which must be written down before the shard is gone; or changes were lost."""
        return any(
            place.reached.ended or place.reached.gap_at != (place.seen or Checkpoint()).gap_at for place in self.moved
        )

    def begin(self, place: Place) -> bool:
        """Go on with this shard. False if a transaction has no room for it."""
        if len(self.places) + len(self.rows) >= MOST_WRITES:
            return False
        self.places[place.shard] = place
        return True

    def add(self, place: Place, change: Change) -> bool:
        """A change of a shard that has been begun. False if a transaction has no room for it."""
        before, after = contributions(change.old), contributions(change.new)
        rows = self.rows | {(pk, sk) for pk, sk, _ in before ^ after}
        if len(self.places) + len(rows) > MOST_WRITES:
            return False
        self.rows = rows
        self.cells.update(after - before)
        self.cells.subtract(before - after)
        place.reached = replace(place.reached, sequence=change.sequence, at=iso(change.at))
        self.changes += 1
        return True

    def clear(self) -> None:
        """All of it is committed."""
        for place in self.places.values():
            place.seen = place.reached
        self.places, self.cells, self.rows, self.changes = {}, Counter(), set(), 0
