"""Whether a destination is well, and when it is given a rest. Pure; whoever keeps it writes it under a condition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from lambdas.shared.timestamps import parsed

# Both: a thousand events in a bad minute are not yet an outage, nor is one event that fails now and then for a day. A
# night's outage is outlasted; and it is less than a day, so that a pause keeps events from failing for good.
MANY, LONG = 10, timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class Health:
    """`failures` in a row, of whatever event, the first of them at `failing_since`; `reason` of the last, or of the
    pause. While `paused_at` is set nothing is tried; only resumed() ends that. Times are ISO 8601, empty if none."""

    failures: int = 0
    failing_since: str = ""
    paused_at: str = ""
    reason: str = ""

    def succeeded(self) -> Health:
        """A try that was under way when the destination was paused does not resume it."""
        return self if self.paused_at else Health()

    def failed(self, at: str, reason: str) -> Health:
        """Paused by it, where that was one of many for long. Failures may be told of in any order."""
        if self.paused_at:
            return self
        since = min(self.failing_since or at, at, key=parsed)
        last = max(self.failing_since or at, at, key=parsed)
        failing = replace(self, failures=self.failures + 1, failing_since=since, reason=reason)
        if failing.failures >= MANY and parsed(last) - parsed(since) >= LONG:
            return failing.paused(last, f"failed {failing.failures} times since {since}, last: {reason}")
        return failing

    def paused(self, at: str, reason: str) -> Health:
        """Paused at once: by a command, or since the other side wants no more. The first pause stays."""
        return self if self.paused_at else replace(self, paused_at=at, reason=reason)

    def resumed(self) -> Health:
        return Health()
