"""Counts on from where the counters stand: folds the changes of the messages table into them.

What a change adds to the counters and the place in the stream that it was read from are committed in one transaction,
on the condition that nobody else has counted on from there. So whatever is repeated, crashes or runs twice at once,
each change is counted once, without a lock.

A row costs the same for one change as for a thousand. So a run that finds few changes, and only young ones, writes
nothing: a later run finds them again, and with them what has come since.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.shared.counts.contributions import contributions
from lambdas.shared.counts.table import MOST_ROWS, Checkpoint, Overtaken
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lambdas.shared.counts.contributions import Cell
    from lambdas.shared.counts.stream import Change, Page, Shard, Stream
    from lambdas.shared.counts.table import Counts

# As long before a run begins as it counts at least, so that it does not run after mails that go out meanwhile.
AT_LEAST = timedelta(seconds=2)
MANY = 500  # changes are counted at once
# What is older is, too. A run comes each minute, so all is counted within five; that often the guard looks.
LONGEST = timedelta(minutes=4)

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Run:
    """What one run did: it reads at least to `until`. It `found` so many changes, and counted `changes` of them;
    `lag_seconds` is how old the oldest was. `more`: another run has to go on at once."""

    until: datetime
    at_once: bool
    found: int = 0
    changes: int = 0
    transactions: int = 0
    lag_seconds: float = 0.0
    more: bool = False

    @property
    def may_wait(self) -> bool:
        """All shards' changes do, or none: a report says until when everything is counted."""
        busy = self.more or self.transactions or self.found >= MANY
        return not (self.at_once or busy or self.lag_seconds >= LONGEST.total_seconds())


@dataclass
class Batch:
    """Changes of a shard, the oldest first, that are committed together. They begin after `seen`."""

    seen: Checkpoint | None
    reached: Checkpoint
    cells: Counter[Cell] = field(default_factory=Counter)
    rows: set[tuple[str, str]] = field(default_factory=set)
    changes: int = 0

    @property
    def urgent(self) -> bool:
        """The shard's children wait for this, or changes were lost."""
        return self.reached.ended or self.reached.gap_at != (self.seen or Checkpoint()).gap_at

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

    def run(self, has_time: Callable[[], bool], *, at_once: bool = False) -> Run:
        """Count to the stream's end as it is now, or until there is no time for another transaction; or leave all that
        there is to a later run, unless it has to be `at_once`."""
        done = Run(until=self.now() - AT_LEAST, at_once=at_once)
        rest = self._read_all(done, has_time)
        for shard, batch in [] if done.may_wait else rest:
            with giving_way(shard, done):
                self._commit(shard, batch, done)
        return done

    def _read_all(self, done: Run, has_time: Callable[[], bool]) -> list[tuple[Shard, Batch]]:
        """Read each shard whose parent has been read to its end; gives what is not committed yet."""
        rest: list[tuple[Shard, Batch]] = []
        checkpoints, shards = self.counts.checkpoints(), self.stream.shards()
        listed = {shard.id for shard in shards}
        for shard in shards:
            parent = checkpoints.get(shard.parent or "")
            seen = checkpoints.get(shard.id)
            if (seen and seen.ended) or (shard.parent in listed and not (parent and parent.ended)):
                continue
            # A parent that is gone, and that we have not read to its end, took what we did not read of it along.
            lost = bool(shard.parent and checkpoints and not seen and not (parent and parent.ended))
            with giving_way(shard, done):
                batch = self._read(shard, seen, done, has_time, lost=lost)
                checkpoints[shard.id] = batch.seen or Checkpoint()
                rest.append((shard, batch))
            if not has_time():
                done.more = True
                break
        return rest

    def _read(
        self, shard: Shard, seen: Checkpoint | None, done: Run, has_time: Callable[[], bool], *, lost: bool
    ) -> Batch:
        """Read one shard; gives what is not committed of it."""
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
        return self._commit(shard, batch, done) if batch.urgent else batch

    def _notice(self, page: Page, done: Run) -> None:
        done.found += len(page.changes)
        if page.changes:
            done.lag_seconds = max(done.lag_seconds, (self.now() - page.changes[0].at).total_seconds())

    def _commit(self, shard: Shard, batch: Batch, done: Run) -> Batch:
        """Commits what there is; gives the next batch."""
        if batch.reached != (batch.seen or Checkpoint()):
            self.counts.commit(shard.id, batch.seen, batch.reached, batch.cells, self.now())
            done.transactions += 1
            done.changes += batch.changes
        return Batch(batch.reached, batch.reached)


@contextmanager
def giving_way(shard: Shard, done: Run) -> Iterator[None]:
    """To another run that counts on from the same checkpoint: what it has not read, a later one does."""
    try:
        yield
    except Overtaken:
        log.info("another run is at this shard", extra={"shard": shard.id})
        done.more |= done.at_once
