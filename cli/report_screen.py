"""A report in a terminal: the whole first, against AWS's thresholds, then its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from cli.figures import BOUNCES, COMPLAINTS, DAY, Figures, Threshold
from cli.output import cell, line, moment
from cli.plot import bar, gauge, sparkline
from lambdas.shared.counts.contributions import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

    from cli.figures import Report

WIDE = 115  # columns of a terminal that has room for all of a row
GAUGE, PLOT = 20, 10  # characters
MOST_ROWS = 30  # of templates or domains; --json and --csv have all
UNNAMED = "(none of ours)"


def screen(report: Report, columns: int) -> Iterator[RenderableType]:
    """For a terminal of so many columns."""
    stream = report.stream or "all streams"
    yield cell(f"Mail of {report.since} to {report.until} (UTC), {stream}")
    counted = f"counted to {moment(report.counted_to)} UTC" if report.counted_to else "nothing is counted yet"
    yield Text(counted, style="dim")
    if report.gap_at:
        lost = f"Some changes were lost before they were counted ({moment(report.gap_at)} UTC): "
        yield Text(f"{lost}`mailroom report --verify --repair` counts again.", style="yellow")
    yield ""
    yield whole(report)
    yield ""
    shown = report.rows if report.by == DAY else report.rows[:MOST_ROWS]
    if shown:
        yield rows(report.by, shown, wide=columns >= WIDE)
    if len(shown) < len(report.rows):
        yield cell(f"and {len(report.rows) - len(shown)} more: --csv and --json have all")


def whole(report: Report) -> Table:
    total = report.total
    made = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "right", "left"):
        made.add_column(justify=justify, no_wrap=True)
    for name, outcome in (("sent", "sent"), ("delivered", "delivered")):
        line_of = sparkline([day[outcome] for day in report.days])
        share = percent(total.share(outcome)) if outcome != "sent" else Text()
        made.add_row(Text(name, style="bold"), number(total[outcome]), share, Text(line_of, style="cyan"))
    for name, outcome, threshold in (
        ("bounced", "bounced_permanent", BOUNCES),
        ("complained", "complained", COMPLAINTS),
    ):
        rate = total.share(outcome)
        made.add_row(
            Text(name, style="bold"), number(total[outcome]), judged(rate, threshold), against(rate, threshold)
        )
    return made


def against(rate: float | None, threshold: Threshold) -> Text:
    drawn = gauge(rate or 0, threshold.review, threshold.pause, GAUGE)
    said = f" review {threshold.review * 100:g} %, pause {threshold.pause * 100:g} %"
    return Text.assemble((drawn, color(rate, threshold) or "green"), (said, "dim"))


def rows(by: str, shown: tuple[Figures, ...], *, wide: bool) -> Table:
    columns = [column for column in COLUMNS if wide or column not in FOR_WIDE]
    most = max(row["sent"] for row in shown) or 1
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    made.add_column(by, overflow="fold", no_wrap=by == DAY, min_width=10)
    made.add_column("sent", justify="right", no_wrap=True)
    if wide:
        made.add_column("", no_wrap=True)
    for column in columns:
        made.add_column(column, justify="right", no_wrap=True)
    for row in shown:
        name = line(row.name) or (UNNAMED if by == TEMPLATE else "")
        plot = [Text(bar(row["sent"] / most, PLOT), style="cyan")] if wide else []
        made.add_row(cell(name), number(row["sent"]), *plot, *(COLUMNS[column](row) for column in columns))
    return made


def number(value: int) -> Text:
    return Text(f"{value:,}" if value else "0", style="" if value else "dim")


def percent(share: float | None, digits: int = 1) -> Text:
    return Text("-", style="dim") if share is None else Text(f"{share * 100:.{digits}f} %")


def judged(rate: float | None, threshold: Threshold) -> Text:
    """With so many digits as tell the least of its thresholds."""
    shown = percent(rate, 2 if threshold.review >= 0.01 else 3)
    shown.stylize(color(rate, threshold))
    return shown


def color(rate: float | None, threshold: Threshold) -> str:
    if rate is None or rate < threshold.review:
        return ""
    return "red" if rate >= threshold.pause else "yellow"


COLUMNS: dict[str, Callable[[Figures], Text]] = {
    "delivered": lambda row: percent(row.share("delivered")),
    "bounced": lambda row: judged(row.share("bounced_permanent"), BOUNCES),
    "soft": lambda row: number(row.soft),
    "complained": lambda row: judged(row.share("complained"), COMPLAINTS),
    "opened": lambda row: percent(row.share("opened")),
    "clicked": lambda row: percent(row.share("clicked")),
    "delayed": lambda row: number(row["delayed"]),
    "suppressed": lambda row: number(row["suppressed"]),
    "failed": lambda row: number(row["failed"]),
}
FOR_WIDE = {"delayed", "suppressed", "soft"}
