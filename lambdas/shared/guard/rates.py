"""Rates of bounces and complaints over windows that slide along the hours. Pure.

A window is the hour under way and so many whole ones before it. What happened in it is set against the mails that it
can be about: a complaint comes hours or days after its mail, so of all windows of that length that ended up to LAG
hours before, the one with the most mails counts. Else a quiet day after a large mailing would look like a scandal.

Few events prove little. `evidence` makes of their number one that is safe: a rate counts as reaching a line only if a
sender whose true rate is half of that line would have so many events in fewer than one window of a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from typing import TYPE_CHECKING

from lambdas.shared.guard.policy import BOUNCES, COMPLAINTS, KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lambdas.shared.counts.table import Row

HOUR = 3600
WINDOWS = {"hour": 1, "day": 24, "week": 7 * 24}  # whole hours before the one under way
LAG = {BOUNCES: 3, COMPLAINTS: 72}  # hours; most bounces come within a minute, most complaints within three days
OLDEST = max(WINDOWS.values()) + max(LAG.values())  # hours ago
EVERY = "all domains"
# Twice the number that is expected where so many, or more, happen with a probability of 1 % (Poisson). From 16 on it is
# more than the number itself, which then needs no such care.
EVIDENCE = (
    *(0, 0.0201, 0.2971, 0.8721, 1.6465, 2.5582, 3.5706, 4.6604, 5.8122),
    *(7.0149, 8.2604, 9.5425, 10.8564, 12.1981, 13.5647, 14.9535),
)


@dataclass(frozen=True, kw_only=True)
class Tally:
    sent: int = 0
    bounced: int = 0
    complained: int = 0

    def of(self, kind: str) -> int:
        return self.bounced if kind == BOUNCES else self.complained

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            sent=self.sent + other.sent,
            bounced=self.bounced + other.bounced,
            complained=self.complained + other.complained,
        )


NOTHING = Tally()
Hours = dict[int, Tally]  # by the number of the hour since 1970


@dataclass(frozen=True, kw_only=True)
class Since:
    """From when on a stream's bounces and complaints count: all of later hours, and in this one those that are not in
    `before`, its tallies by domain at that moment."""

    hour: int = 0
    before: dict[str, Tally] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How many `mails` of a domain led to bounces or complaints (`kind`) within a window; `rate` is in percent, with
    due care where `happened` is small."""

    domain: str
    kind: str
    window: str
    mails: int
    happened: int

    @property
    def rate(self) -> float:
        return 100 * evidence(self.happened) / self.mails if self.mails else 0.0

    @property
    def share(self) -> float:
        """The plain percentage."""
        return 100 * self.happened / self.mails if self.mails else 0.0


def evidence(number: int) -> float:
    return EVIDENCE[number] if number < len(EVIDENCE) else number


def hour_of(moment: datetime) -> int:
    return int(moment.timestamp()) // HOUR


def moment_of(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR, UTC)


def hours_by_domain(rows: Iterable[Row]) -> dict[str, Hours]:
    """The tallies of a stream by domain, from rows of the counts table."""
    found: dict[str, Hours] = {}
    for row in rows:
        hour = hour_of(datetime.fromisoformat(f"{row.when}:00+00:00"))
        tally = Tally(**{name: row.counters.get(name, 0) for name in ("sent", "bounced", "complained")})
        found.setdefault(row.name, {})[hour] = tally
    return found


def rates(domains: Mapping[str, Mapping[int, Tally]], now: datetime, since: Since | None = None) -> list[Rate]:
    """Each domain's, and if there are several all domains' together, of every kind and window."""
    since, every = since or Since(), dict(domains)
    if len(domains) > 1:
        every[EVERY] = together(domains.values())
        since = Since(hour=since.hour, before={**since.before, EVERY: total(since.before.values())})
    return [rate for domain, hours in every.items() for rate in _of_domain(domain, hours, hour_of(now), since)]


def together(domains: Iterable[Mapping[int, Tally]]) -> Hours:
    found: Hours = {}
    for hours in domains:
        for hour, tally in hours.items():
            found[hour] = found.get(hour, NOTHING) + tally
    return found


def total(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, NOTHING)


def _of_domain(domain: str, hours: Mapping[int, Tally], now: int, since: Since) -> Iterator[Rate]:
    recent = [hours.get(now - age, NOTHING) for age in range(OLDEST + 1)]
    sent = [0, *accumulate(tally.sent for tally in recent)]
    for kind in KINDS:
        new = [tally.of(kind) if now - age >= since.hour else 0 for age, tally in enumerate(recent)]
        if 0 <= now - since.hour < len(new):
            before = since.before.get(domain, NOTHING).of(kind)
            new[now - since.hour] = max(0, new[now - since.hour] - before)
        for window, length in WINDOWS.items():
            earlier = (sent[end + length] - sent[end] for end in range(2, LAG[kind] + 1))
            mails = max(sent[length + 1], *earlier)
            yield Rate(domain=domain, kind=kind, window=window, mails=mails, happened=sum(new[: length + 1]))
