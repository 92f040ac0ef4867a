"""How long ago something was, and how long it lasts, as people say it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60))


def length(span: timedelta) -> str:
    """In its largest unit: `3 days`, `5 hours`, `1 minute`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in UNITS:
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return "less than a minute"


def ago(span: timedelta) -> str:
    return f"{length(span)} ago"
