"""Lets marketing through at a part of the rate while the guard has slowed it down.

It does not sleep: mail that people wait for may be behind it in the same batch. What has no turn yet goes back into the
queue, each mail for a moment of its own, so that they come back one by one.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

FARTHEST = (600, 900)  # seconds; a queue delays no longer (SQS, DelaySeconds)


@dataclass(kw_only=True)
class Turns:
    """`per_second` is what this one process may send of a stream that is slowed down."""

    slowed: Callable[[str], bool]
    per_second: float
    clock: Callable[[], float]
    _next: float = 0.0
    _promised: float = 0.0

    def wait(self, stream: str) -> float:
        """In how many seconds a mail of this stream has its turn; 0: now."""
        if not self.slowed(stream):
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
