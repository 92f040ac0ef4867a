"""The time that a report is about, however its sender writes times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from lambdas.shared.aggregates.report import Malformed
from lambdas.shared.timestamps import iso

SECONDS, MILLISECONDS = re.compile(r"\d{9,11}(?:\.\d*)?"), re.compile(r"\d{12,14}")
KEPT = timedelta(days=400)
AHEAD = timedelta(days=2)  # of a sender's clock, or of its midnight


def period(begin: str, end: str, now: datetime) -> tuple[str, str]:
    """Begin and end, as tables hold times; one that is missing or cannot be read is the other. Malformed where neither
    can be, or where the time is none that reports are kept of."""
    first, last = moment(begin), moment(end)
    first, last = first or last, last or first
    if not first or not last:
        raise Malformed(f"its period is {begin[:40]!r} to {end[:40]!r}, which are no times")
    # The future first: a day after the last of the year 9999 is none, and Python raises OverflowError.
    if last > now + AHEAD or not now - KEPT < first <= last + timedelta(days=1):
        raise Malformed(f"its period is {iso(first)} to {iso(last)}; it came on {iso(now)}")
    return iso(first), iso(last)


def moment(written: str) -> datetime | None:
    """Seconds since 1970 (RFC 7489, appendix C), milliseconds, or ISO 8601 (RFC 8460)."""
    try:
        if SECONDS.fullmatch(written):
            return datetime.fromtimestamp(float(written), UTC)
        if MILLISECONDS.fullmatch(written):
            return datetime.fromtimestamp(int(written) / 1000, UTC)
        found = datetime.fromisoformat(written)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
