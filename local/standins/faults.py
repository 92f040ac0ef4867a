"""What goes wrong with a request, as the knobs say. Pure.

A fault is given as JSON: {"kind": KIND, "times": 1, "method": "", "path": "", "rate": 1.0, ...}. It befalls the next
`times` requests (null: all) whose method and path match (a regular expression), each with the probability `rate`.

    too-many      429, with Retry-After as `retry_after` says ("7", or a date)
    rest          429, and so is whatever is asked until these seconds are over
    before        `status` (503), and nothing was done
    after         `status` (503), and all was done
    drop-before   the connection ends without an answer, and nothing was done
    drop-after    the same, and all was done
    hang-after    all was done, and no answer comes for `seconds`; then the connection ends
    slow          the answer comes after `seconds`
    forbidden     403
"""

from __future__ import annotations

import math
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.standins.exchange import Asked

KINDS = ("too-many", "rest", "before", "after", "drop-before", "drop-after", "hang-after", "slow", "forbidden")


@dataclass(kw_only=True)
class Fault:
    kind: str
    times: int | None = 1
    method: str = ""
    path: str = ""
    rate: float = 1.0
    status: int = 503
    seconds: float = 0.0
    retry_after: str = "1"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault {self.kind!r}; there are {', '.join(KINDS)}")

    def meets(self, asked: Asked) -> bool:
        return self.times != 0 and self.method in {"", asked.method} and re.search(self.path, asked.path) is not None


@dataclass(kw_only=True)
class Faults:
    """`chance` gives a number from 0 to 1, `now` seconds. `rests` has, of each rest, how many requests came in it."""

    chance: Callable[[], float]
    now: Callable[[], float] = time.monotonic
    given: list[Fault] = field(default_factory=list)
    happened: dict[str, int] = field(default_factory=dict)
    rests: list[int] = field(default_factory=list)
    _rested: float = field(default=-math.inf, init=False)

    def add(self, *given: dict[str, Any]) -> None:
        self.given += [Fault(**each) for each in given]

    def next(self, asked: Asked) -> Fault | None:
        """The fault that befalls this request."""
        if (left := self._rested - self.now()) > 0:
            self.rests[-1] += 1
            return Fault(kind="rest", retry_after=str(math.ceil(left)))
        for fault in self.given:
            if fault.meets(asked) and self.chance() < fault.rate:
                fault.times = None if fault.times is None else fault.times - 1
                self.happened[fault.kind] = self.happened.get(fault.kind, 0) + 1
                if fault.kind == "rest":
                    self._rested = self.now() + float(fault.retry_after)
                    self.rests.append(0)
                return fault
        return None
