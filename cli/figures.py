"""What `mailroom report` shows: counters of a stage, summed by day, template or domain, with their rates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lambdas.shared.counts.contributions import DOMAIN, OUTCOMES, STREAMS, TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from lambdas.shared.counts.table import Counts

DAY = "day"
BY = (DAY, TEMPLATE, DOMAIN)


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """Shares of mails at which AWS puts an account under review, and may pause it (SES, FAQs on reviews)."""

    review: float
    pause: float


BOUNCES = Threshold(review=0.05, pause=0.1)
COMPLAINTS = Threshold(review=0.001, pause=0.005)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The counters of a day, template or domain; `name` is empty where a mail has no template of ours."""

    name: str
    counters: dict[str, int]

    def __getitem__(self, outcome: str) -> int:
        return self.counters.get(outcome, 0)

    def share(self, outcome: str, of: str = "sent") -> float | None:
        """None where there is nothing to have a share of."""
        return self[outcome] / self[of] if self[of] else None

    @property
    def soft(self) -> int:
        return self["bounced_transient"] + self["bounced_undetermined"]

    def data(self) -> dict[str, Any]:
        rates = {"bounce_rate": self.share("bounced_permanent"), "complaint_rate": self.share("complained")}
        return {"name": self.name, **{outcome: self[outcome] for outcome in OUTCOMES}, **rates}


@dataclass(frozen=True, kw_only=True)
class Report:
    """Mails that SES took from `since` to `until` (days in UTC, both included), of a stream or of all. `rows` are by
    `by`, and `days` by day, each of them. `counted_to`: when the newest change that is in it was written to the
    messages table; `gap_at`: when changes were found to be missing in it."""

    since: date
    until: date
    stream: str | None
    by: str
    rows: tuple[Figures, ...]
    days: tuple[Figures, ...]
    total: Figures
    counted_to: str | None
    gap_at: str | None


def gather(
    counts: Counts, since: date, until: date, stream: str | None, by: str, advance: Callable[[], None]
) -> Report:
    """`advance` is called after each of the `queries`."""
    kind = DOMAIN if by == DOMAIN else TEMPLATE  # each message is in one row of either
    names: dict[str, Counter[str]] = {}
    days: dict[str, Counter[str]] = {}
    for age in range((until - since).days + 1):
        day = since + timedelta(days=age)
        of_day = days.setdefault(day.isoformat(), Counter())
        for one in [stream] if stream else STREAMS:
            for row in counts.day(day, one, kind):
                of_day.update(row.counters)
                names.setdefault(row.name, Counter()).update(row.counters)
            advance()
    named = [figures(name, counters) for name, counters in names.items() if any(counters.values())]
    by_day = tuple(figures(day, counters) for day, counters in days.items())
    checkpoints = counts.checkpoints().values()
    return Report(
        since=since,
        until=until,
        stream=stream,
        by=by,
        rows=by_day if by == DAY else tuple(sorted(named, key=lambda row: (-row["sent"], row.name))),
        days=by_day,
        total=figures("total", sum(days.values(), Counter())),
        counted_to=max((reached.at for reached in checkpoints if reached.at), default=None),
        gap_at=max((reached.gap_at for reached in checkpoints if reached.gap_at), default=None),
    )


def queries(since: date, until: date, stream: str | None) -> int:
    return ((until - since).days + 1) * (1 if stream else len(STREAMS))


def figures(name: str, counters: Counter[str]) -> Figures:
    return Figures(name=name, counters=dict(counters))


def data(report: Report) -> dict[str, Any]:
    """What --json prints."""
    return {
        "since": report.since.isoformat(),
        "until": report.until.isoformat(),
        "stream": report.stream,
        "by": report.by,
        "counted_to": report.counted_to,
        "gap_at": report.gap_at,
        "thresholds": {
            "bounce_rate": {"review": BOUNCES.review, "pause": BOUNCES.pause},
            "complaint_rate": {"review": COMPLAINTS.review, "pause": COMPLAINTS.pause},
        },
        "total": {name: value for name, value in report.total.data().items() if name != "name"},
        "rows": [row.data() for row in report.rows],
    }
