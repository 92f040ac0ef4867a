"""Counts on from where the counters stand: folds the changes of the messages table into them.

What a change adds to the counters and the place in the stream that it was read from are committed in one transaction,
on the condition that nobody else has counted on from there. So whatever is repeated, crashes or runs twice at once,
each change is counted once, without a lock.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.shared.counts.contributions import contributions
from lambdas.shared.counts.table import MOST_ROWS, Checkpoint, Overtaken
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.shared.counts.contributions import Cell
    from lambdas.shared.counts.stream import Change, Page, Shard, Stream
    from lambdas.shared.counts.table import Counts

# As long before a run begins as it counts at least, so that it does not run after mails that go out meanwhile.
AT_LEAST = timedelta(seconds=2)

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Run:
    """What one run did: it counts at least to `until`. `lag_seconds` is how old the oldest change was that it found
    uncounted; `more`: it left some, for its time was over."""

    until: datetime
    changes: int = 0
    transactions: int = 0
    lag_seconds: float = 0.0
    more: bool = False


@dataclass
class Batch:
    """Changes of a shard, the oldest first, that are committed together. They begin after `seen`."""

    seen: Checkpoint | None
    reached: Checkpoint
    cells: Counter[Cell] = field(default_factory=Counter)
    rows: set[tuple[str, str]] = field(default_factory=set)
    changes: int = 0

    def add(self, change: Change) -> bool:
        """False if a transaction has no room for it."""
        before, after = contributions(change.old), contributions(change.new)
        rows = self.rows | {(pk, sk) for pk, sk, _ in before ^ after}
        if len(rows) > MOST_ROWS:
            return False
        self.rows = rows
        self.cells.update(after - before)
        self.cells.subtract(before - after)
        self.reached = replace(self.reached, sequence=change.sequence, at=iso(change.at))
        self.changes += 1
        return True


@dataclass(frozen=True, kw_only=True)
class Fold:
    stream: Stream
    counts: Counts
    now: Callable[[], datetime]

    def run(self, has_time: Callable[[], bool]) -> Run:
        """Count to the stream's end as it is now, or until there is no time for another transaction."""
        done = Run(until=self.now() - AT_LEAST)
        checkpoints, shards = self.counts.checkpoints(), self.stream.shards()
        listed = {shard.id for shard in shards}
        for shard in shards:
            parent = checkpoints.get(shard.parent or "")
            seen = checkpoints.get(shard.id)
            if (seen and seen.ended) or (shard.parent in listed and not (parent and parent.ended)):
                continue
            # A parent that is gone, and that we have not read to its end, took what we did not read of it along.
            lost = bool(shard.parent and checkpoints and not seen and not (parent and parent.ended))
            try:
                checkpoints[shard.id] = self._read(shard, seen, done, has_time, lost=lost)
            except Overtaken:
                log.info("another run is at this shard", extra={"shard": shard.id})
            if not has_time():
                done.more = True
                break
        return done

    def _read(
        self, shard: Shard, seen: Checkpoint | None, done: Run, has_time: Callable[[], bool], *, lost: bool
    ) -> Checkpoint:
        """Count one shard; gives its checkpoint then."""
        batch = Batch(seen, seen or Checkpoint())
        for page in self.stream.pages(shard, seen.sequence if seen else None, done.until):
            self._notice(page, done)
            if page.gap or lost:
                lost = False
                batch.reached = replace(batch.reached, gap_at=iso(self.now()))
                log.error("changes were trimmed before they were counted", extra={"shard": shard.id})
            for change in page.changes:
                if not batch.add(change):
                    batch = self._commit(shard, batch, done)
                    batch.add(change)
            if page.ended:
                batch.reached = replace(batch.reached, ended=True)
            if not has_time():
                break
        return self._commit(shard, batch, done).reached

    def _notice(self, page: Page, done: Run) -> None:
        if page.changes:
            done.lag_seconds = max(done.lag_seconds, (self.now() - page.changes[0].at).total_seconds())

    def _commit(self, shard: Shard, batch: Batch, done: Run) -> Batch:
        """Commits what there is; gives the next batch."""
        if batch.reached != (batch.seen or Checkpoint()):
            self.counts.commit(shard.id, batch.seen, batch.reached, batch.cells, self.now())
            done.transactions += 1
            done.changes += batch.changes
        return Batch(batch.reached, batch.reached)
