"""How often something may be sent by itself, so that two programs that answer each other stop. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.shared.timestamps import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How many in any hour, and how many in any day."""

    hour: int
    day: int

    def admit(self, counted: Mapping[str, str], at: str, id: str) -> dict[str, str] | None:
        """What is counted with one more, `id` at the time `at`; None if that were too many.

        `counted` has the times, in ISO 8601, by id. They are kept for two days: whatever comes up to a day late has
        all of its own day before it. What comes later is not admitted.
        """
        now = parsed(at)
        times = {one: parsed(time) for one, time in counted.items()}
        if times and max(times.values()) - now >= DAY:
            return None
        apart = [abs(now - time) for time in times.values()]
        if sum(gap < HOUR for gap in apart) >= self.hour or sum(gap < DAY for gap in apart) >= self.day:
            return None
        return {one: counted[one] for one, time in times.items() if now - time < 2 * DAY} | {id: at}
