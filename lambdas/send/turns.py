"""Lets marketing through at a part of the rate while the guard has slowed it down.

It does not sleep: mail that people wait for may be behind it in the same batch. What has no turn yet goes back into the
queue, each mail for a moment of its own, so that they come back one by one.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.shared.counts.contributions import MARKETING
from lambdas.shared.guard.policy import Level

if TYPE_CHECKING:
    from lambdas.shared.guard.table import Guarded

KNOWN_SECONDS = 60  # that we believe what we have read
FARTHEST = (600, 900)  # seconds; a queue delays no longer (SQS, DelaySeconds)


@dataclass(kw_only=True)
class Turns:
    """`per_second` is what this one process may send when it is slowed down."""

    guarded: Guarded
    per_second: float
    clock: Callable[[], float]
    _read_at: float | None = None
    _slowed: bool = False
    _next: float = 0.0
    _promised: float = 0.0

    def wait(self, stream: str) -> float:
        """In how many seconds a mail of this stream has its turn; 0: now."""
        if stream != MARKETING or not self._is_slowed():
            return 0
        now, each = self.clock(), 1 / self.per_second
        if now >= self._next:
            self._next = now + each
            self._promised = max(self._promised, self._next)
            return 0
        if self._promised - now > FARTHEST[0]:
            return random.uniform(*FARTHEST)  # noqa: S311 - spreads them, no secret
        self._promised = max(self._promised, now) + each
        return self._promised - now

    def _is_slowed(self) -> bool:
        now = self.clock()
        if self._read_at is None or now - self._read_at >= KNOWN_SECONDS:
            self._slowed = self.guarded.level(MARKETING) is Level.SLOWED
            self._read_at = now
        return self._slowed
