"""Small plots in a terminal, of characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

EIGHTHS = " ▏▎▍▌▋▊▉"
LEVELS = "▁▂▃▄▅▆▇█"
MOST_POINTS = 60


def sparkline(values: Sequence[int]) -> str:
    """A character a value, of which the highest fills its character; of many values, sums of neighbours."""
    size = -(-len(values) // MOST_POINTS) or 1
    sums = [sum(values[first : first + size]) for first in range(0, len(values), size)]
    most = max(sums, default=0)
    return "".join(LEVELS[round(value / most * (len(LEVELS) - 1))] if value else " " for value in sums)


def bar(share: float, width: int) -> str:
    """A bar of that share of the width; whatever is more than nothing is seen."""
    eighths = min(max(round(share * width * 8), 1 if share > 0 else 0), width * 8)
    whole, rest = divmod(eighths, 8)
    return ("█" * whole + (EIGHTHS[rest] if rest else "")).ljust(width)


def gauge(value: float, review: float, pause: float, width: int) -> str:
    """A rate on a scale that ends with the rate that AWS pauses at; a mark is where it reviews."""
    drawn = list(bar(min(value / pause, 1), width))
    mark = round(review / pause * width)
    if drawn[mark] == " ":
        drawn[mark] = "╎"
    return f"{''.join(drawn)}┃"
