"""When something that failed is tried again. Pure."""

from __future__ import annotations

# Seconds after the first, second, ... failure in a row; together a day.
WAITS = (5, 30, 120, 300, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 28_800)
LASTING = 24 * 3600  # seconds from the first try to the last
SPREAD = 0.2  # by how much of itself a wait may be longer, so that what failed together does not come back together


def wait(failures: int, elapsed: float, *, chance: float, retry_after: float | None = None) -> float | None:
    """Seconds until the next try; None if there is none. After `failures` in a row, at least one, `elapsed` seconds
    after the first try; `chance` is random, from 0 to 1; `retry_after` are the seconds that the other side asked for.

    Never sooner than the other side asked; the last try is a day after the first.
    """
    left = LASTING - elapsed
    asked = max(0.0, retry_after or 0.0)
    if left <= 0 or asked > left:
        return None
    grown = WAITS[min(failures, len(WAITS)) - 1] * (1 + SPREAD * chance)
    return min(max(grown, asked), left)
