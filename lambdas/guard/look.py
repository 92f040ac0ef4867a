"""Looks at each stream's rates, and does to it what they ask for; and what a person asks for.

A change is written down first, on the condition that nobody else has changed the stream meanwhile, then acted on, then
marked as told. So of two runs at once one gives way, and what a run that died left undone the next one does. SES's
switch has no such condition: who has used it looks whether the stream is still what it was used for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from lambdas.shared.counts.contributions import FOREIGN, MARKETING, TRANSACTIONAL
from lambdas.shared.guard.decide import COMMAND, State, decide, paused, resumed
from lambdas.shared.guard.level import Level
from lambdas.shared.guard.policy import Policy
from lambdas.shared.guard.rates import NOTHING, OLDEST, Since, hour_of, hours_by_domain, rates

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lambdas.shared.counts.table import Counts, Row
    from lambdas.shared.guard.rates import Rate
    from lambdas.shared.guard.table import Guarded

log = logging.getLogger(__name__)

STREAMS = (MARKETING, TRANSACTIONAL, FOREIGN)
FRESH = 6  # hours; hardly any event of an older one has yet to be counted, so they are read once an hour
TRIES = 5
LATEST = 20  # commands; a queue may deliver one again, after others
GRACE = timedelta(minutes=2)  # longer than a run takes: what it has not told by then it never will


class Acting(Protocol):
    """What the guard does to the world: act.py."""

    def switch(self, stream: str, *, on: bool) -> None: ...
    def tell(self, stream: str, state: State) -> None: ...
    def publish(self, stream: str, state: State, rates: Sequence[Rate], now: datetime) -> None: ...


class Busy(Exception):
    """Others change the stream all the time: the command is tried again."""


@dataclass(frozen=True, kw_only=True)
class Guard:
    counts: Counts
    guarded: Guarded
    policy: Policy
    acting: Acting
    now: Callable[[], datetime]
    _read: dict[int, list[Row]] = field(default_factory=dict)

    def look(self) -> None:
        now = self.now()
        rows = self._rows(now)
        with ExitStack() as looks:  # what fails about one stream keeps none of the others from being looked at
            for stream in reversed(STREAMS):
                looks.callback(self._look_at, stream, [row for row in rows if row.stream == stream], now)

    def pause(self, stream: str, reason: str, command: str) -> None:
        def change(state: State) -> State:
            if state.level is Level.PAUSED:  # it stays what it is, since when and why it is
                return state
            return paused(state, self.now(), reason)

        self._obey(stream, command, change)

    def resume(self, stream: str, reason: str, command: str) -> None:
        now = self.now()
        rows = hours_by_domain(self.counts.hour(now, stream))
        before = {domain: hours.get(hour_of(now), NOTHING) for domain, hours in rows.items()}
        counted = Since(hour=hour_of(now), before=before)
        self._obey(stream, command, lambda state: resumed(state, now, reason, counted))

    def _look_at(self, stream: str, rows: list[Row], now: datetime) -> None:
        seen = self.guarded.state(stream)
        found = rates(hours_by_domain(rows), now, seen.counted)
        found.sort(key=lambda rate: rate.rate / self.policy.pause.of(rate.kind), reverse=True)
        state = decide(seen, stream, found, self.policy, now)
        if state is not seen and not self.guarded.put(stream, state):
            log.info("another run has changed this stream", extra={"stream": stream})
            return
        if state is not seen or now - state.since > GRACE:
            self._carry_out(stream, state)
        self.guarded.look(stream, found, now)
        self.acting.publish(stream, state, found, now)

    def _obey(self, stream: str, command: str, change: Callable[[State], State]) -> None:
        for _ in range(TRIES):
            seen = self.guarded.state(stream)
            if command in seen.commands:
                return self._carry_out(stream, seen)
            latest = (*seen.commands, command)[-LATEST:]
            state = replace(change(seen), commands=latest, version=seen.version + 1)
            if self.guarded.put(stream, state):
                return self._carry_out(stream, state)
        raise Busy(stream)

    def _carry_out(self, stream: str, state: State) -> None:
        """A paused stream is switched off each time: a deployment may have switched it on. It is switched on by
        command, or where that died before it was, and the guard has been at the stream since."""
        if state.level is Level.PAUSED or (state.untold and (state.by == COMMAND or state.was is Level.PAUSED)):
            self._switch(stream, state)
        if state.untold:
            self.acting.tell(stream, state)
            self.guarded.told(stream, state.version)

    def _switch(self, stream: str, state: State) -> None:
        on = state.level is not Level.PAUSED
        self.acting.switch(stream, on=on)
        newest = self.guarded.state(stream)
        if (newest.level is not Level.PAUSED) is not on:
            self._switch(stream, newest)

    def _rows(self, now: datetime) -> list[Row]:
        """All that happened within the hours that the windows reach back to."""
        if hour_of(now) not in self._read:
            self._read.clear()
        for age in range(OLDEST + 1):
            moment = now - timedelta(hours=age)
            hour = hour_of(moment)
            if age <= FRESH or hour not in self._read:
                self._read[hour] = [*self.counts.hour(moment)]
        return [row for rows in self._read.values() for row in rows]
