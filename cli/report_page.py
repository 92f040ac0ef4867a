"""A report as one page that needs nothing else: charts as SVG, no script, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from minijinja import Environment, safe

from cli.figures import BOUNCES, COMPLAINTS, DAY, Figures, Threshold
from cli.output import moment, visible
from cli.report_charts import rates, volume
from lambdas.shared.counts.contributions import TEMPLATE

if TYPE_CHECKING:
    from cli.figures import Report

MOST_ROWS = 100  # of templates or domains; --csv has all


def page(report: Report, stage: str) -> str:
    template = Path(__file__).with_name("report_page.html").read_text(encoding="utf-8")
    environment = Environment(templates={"report_page.html": template}, undefined_behavior="strict")
    rows = report.rows if report.by == DAY else report.rows[:MOST_ROWS]
    most = max((row["sent"] for row in rows), default=0) or 1
    return environment.render_template(
        "report_page.html",
        stage=stage,
        since=report.since.isoformat(),
        until=report.until.isoformat(),
        stream=report.stream or "all streams",
        by=report.by,
        counted_to=moment(report.counted_to),
        gap_at=moment(report.gap_at),
        tiles=tiles(report.total),
        volume=safe(volume(report.days)),
        bounces=safe(rates(report.days, "bounced_permanent", BOUNCES)),
        complaints=safe(rates(report.days, "complained", COMPLAINTS)),
        rows=[row_of(row, report.by, most) for row in (reversed(rows) if report.by == DAY else rows)],
        more=len(report.rows) - len(rows),
    )


def tiles(total: Figures) -> list[dict[str, Any]]:
    """The whole: figures, and the two rates with where they stand between nothing and what AWS pauses at."""
    plain = [
        ("Sent", f"{total['sent']:,}", ""),
        ("Delivered", percent(total.share("delivered"), 1), f"{total['delivered']:,} mails"),
    ]
    made: list[dict[str, Any]] = [{"name": name, "value": value, "more": more} for name, value, more in plain]
    for name, outcome, threshold in (
        ("Bounced", "bounced_permanent", BOUNCES),
        ("Complained", "complained", COMPLAINTS),
    ):
        rate = total.share(outcome)
        made.append(
            {
                "name": name,
                "value": percent(rate, digits(threshold)),
                "more": f"{total[outcome]:,} mails; review at {threshold.review * 100:g} %",
                "state": state(rate, threshold),
                "share": f"{min((rate or 0) / threshold.pause, 1) * 100:.1f}",
                "review": f"{threshold.review / threshold.pause * 100:.1f}",
            }
        )
    return made


def row_of(row: Figures, by: str, most: int) -> dict[str, Any]:
    bounced, complained = row.share("bounced_permanent"), row.share("complained")
    return {
        "name": visible(row.name) or ("(none of ours)" if by == TEMPLATE else ""),
        "bar": f"{row['sent'] / most * 100:.1f}",
        "sent": f"{row['sent']:,}",
        "delivered": percent(row.share("delivered"), 1),
        "bounced": percent(bounced, digits(BOUNCES)),
        "bounced_state": state(bounced, BOUNCES),
        "soft": f"{row.soft:,}",
        "complained": percent(complained, digits(COMPLAINTS)),
        "complained_state": state(complained, COMPLAINTS),
        "opened": percent(row.share("opened"), 1),
        "clicked": percent(row.share("clicked"), 1),
        "failed": f"{row['failed'] + row['suppressed']:,}",
    }


def percent(share: float | None, digits: int) -> str:
    return "-" if share is None else f"{share * 100:.{digits}f} %"


def digits(threshold: Threshold) -> int:
    return 2 if threshold.review >= 0.01 else 3


def state(rate: float | None, threshold: Threshold) -> str:
    if rate is None or rate < threshold.review:
        return "good"
    return "pause" if rate >= threshold.pause else "review"
