"""Counts on from where the counters stand: folds the changes of the messages table into them.

What changes add to the counters and the places in the stream that they were read from are committed in one transaction,
on the condition that nobody else has counted on from there. So whatever is repeated, crashes or runs twice at once,
each change is counted once, without a lock.

A row costs the same for one change as for a thousand. So the changes of all shards are committed together, and a run
that finds few of them, and only young ones, writes nothing: a later run finds them again, and with them what has come
since.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.counts.batch import Batch
from lambdas.shared.counts.table import Checkpoint, Overtaken, Place
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from datetime import datetime

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
    found: int = 0
    changes: int = 0
    transactions: int = 0
    lag_seconds: float = 0.0
    more: bool = False

    @property
    def much(self) -> bool:
        """Too much was found to leave the rest to a later run."""
        old = self.lag_seconds >= LONGEST.total_seconds()
        return old or self.found >= MANY or self.transactions > 0 or self.more


@dataclass(frozen=True, kw_only=True)
class Fold:
    stream: Stream
    counts: Counts
    now: Callable[[], datetime]

    def run(self, has_time: Callable[[], bool], *, at_once: bool = False) -> Run:
        """Count to the stream's end as it is now, or until there is no time for another transaction; or leave what is
        there to a later run, unless it has to be `at_once`."""
        done, batch = Run(until=self.now() - AT_LEAST), Batch()
        try:
            self._read_all(batch, done, has_time)
            if at_once or done.much or batch.urgent:
                self._commit(batch, done)
        except Overtaken:  # it reads what this one has not
            log.info("another run is at it")
            done.more = at_once
        return done

    def _read_all(self, batch: Batch, done: Run, has_time: Callable[[], bool]) -> None:
        """Read each shard whose parent has been read to its end."""
        checkpoints, shards = self.counts.checkpoints(), self.stream.shards()
        reached = dict(checkpoints)
        listed = {shard.id for shard in shards}
        for shard in shards:
            parent = reached.get(shard.parent or "")
            seen = checkpoints.get(shard.id)
            if (seen and seen.ended) or (shard.parent in listed and not (parent and parent.ended)):
                continue
            # A parent that is gone, and that we have not read to its end, took what we did not read of it along.
            lost = bool(shard.parent and reached and not seen and not (parent and parent.ended))
            place = Place(shard=shard.id, seen=seen, reached=seen or Checkpoint())
            self._read(shard, place, batch, done, has_time, lost=lost)
            reached[shard.id] = place.reached
            if not has_time():
                done.more = True
                break

    def _read(
        self, shard: Shard, place: Place, batch: Batch, done: Run, has_time: Callable[[], bool], *, lost: bool
    ) -> None:
        self._begin(place, batch, done)
        for page in self.stream.pages(shard, place.reached.sequence, done.until):
            self._notice(page, done)
            if page.gap or lost:
                lost = False
                place.reached = replace(place.reached, gap_at=iso(self.now()))
                log.error("changes were trimmed before they were counted", extra={"shard": shard.id})
            for change in page.changes:
                self._add(change, place, batch, done)
            if page.ended:
                place.reached = replace(place.reached, ended=True)
            if not has_time():
                break

    def _notice(self, page: Page, done: Run) -> None:
        done.found += len(page.changes)
        if page.changes:
            done.lag_seconds = max(done.lag_seconds, (self.now() - page.changes[0].at).total_seconds())

    def _begin(self, place: Place, batch: Batch, done: Run) -> None:
        if not batch.begin(place):
            self._commit(batch, done)
            batch.begin(place)

    def _add(self, change: Change, place: Place, batch: Batch, done: Run) -> None:
        if not batch.add(place, change):
            self._commit(batch, done)
            batch.begin(place)
            batch.add(place, change)

    def _commit(self, batch: Batch, done: Run) -> None:
        if batch.moved:
            self.counts.commit(batch.moved, batch.cells, self.now())
            done.transactions += 1
            done.changes += batch.changes
        batch.clear()
