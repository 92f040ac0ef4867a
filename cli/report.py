"""How many mails went out, and what became of them."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.deployment import CommandFailed, Deployment, deployed
from cli.figures import BY, DAY, Report, data, gather, queries
from cli.output import as_json, console, guarded, line, print_json, show
from lambdas.shared.counts.contributions import STREAMS
from lambdas.shared.counts.table import Counts

if TYPE_CHECKING:
    from click import Context, Parameter

MOST_DAYS = 731


class Since(click.ParamType[date]):
    name = "DATE|DAYS"

    def convert(self, value: object, param: Parameter | None, ctx: Context | None) -> date:
        """A date, or `7d`: so many days, today included."""
        if isinstance(value, date):
            return value
        text, today = str(value), datetime.now(UTC).date()
        try:
            days = text[:-1] if text.endswith("d") else ""
            found = today - timedelta(days=int(days) - 1) if days.isdigit() else date.fromisoformat(text)
        except (ValueError, OverflowError):
            self.fail(f"{line(text)} is neither a date (2026-11-21) nor a number of days (7d).", param, ctx)
        if not today - timedelta(days=MOST_DAYS) < found <= today:
            self.fail(f"{line(text)} is not within the last {MOST_DAYS} days.", param, ctx)
        return found


@click.command()
@click.option(
    "--since", type=Since(), default="7d", show_default=True, help="The first day, in UTC; the last is today."
)
@click.option("--stream", type=click.Choice(STREAMS), help="Only mail of this stream.")
@click.option("--by", type=click.Choice(BY), default=DAY, show_default=True, help="What a row is of.")
@as_json
@click.option("--csv", "as_csv", is_flag=True, help="Print a table for spreadsheets instead.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page with charts instead.")
@click.option("--verify", is_flag=True, help="Count all messages again, and say where the counters differ.")
@click.option("--repair", is_flag=True, help="With --verify: correct the counters that differ.")
@deployed
def report(
    deployment: Deployment,
    since: date,
    stream: str | None,
    by: str,
    *,
    as_json: bool,
    as_csv: bool,
    html: Path | None,
    verify: bool,
    repair: bool,
) -> None:
    """Show how many mails went out, and what became of them.

    Each mail counts on the day on which SES took it, whenever the rest happened, and once in a column, however many
    events there were. Rates are shares of the mails that SES took; AWS reviews an account at 5 % bounces or 0.1 %
    complaints, and may pause it at 10 % and 0.5 %.

    \b
    Examples:
      mailroom report
      mailroom report --since 30d --by template --stream marketing
      mailroom report --since 2026-11-01 --html report.html
      mailroom report --verify
    """
    refuse(several=sum((as_json and not verify, as_csv, bool(html), verify)) > 1, alone=repair and not verify)
    if verify:
        from cli.verify import verify as recount

        return recount(deployment, as_json=as_json, repair=repair)
    found = read(deployment, since, stream, by)
    if as_json:
        return print_json(data(found))
    if as_csv:
        return print_csv(found)
    if html:
        return write_page(found, deployment.stage, html)
    from cli.report_screen import screen

    return show(*screen(found, console().width))


def refuse(*, several: bool, alone: bool) -> None:
    """What is asked for and cannot be: several things to show, or a repair alone."""
    if several:
        raise click.UsageError("--json, --csv, --html and --verify exclude each other, but for --verify --json.")
    if alone:
        raise click.UsageError("--repair goes with --verify.")


def read(deployment: Deployment, since: date, stream: str | None, by: str) -> Report:
    from cli.progress import bar

    until = datetime.now(UTC).date()
    counts = Counts(deployment.table("CountsTable"))
    with bar("reading", queries(since, until, stream)) as advance:
        return gather(counts, since, until, stream, by, lambda: advance(1))


def print_csv(found: Report) -> None:
    rows = [row.data() for row in found.rows] or [found.total.data()]
    writer = csv.DictWriter(sys.stdout, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    for row in rows if found.rows else []:
        writer.writerow(row | {"name": guarded(line(row["name"]))})


def write_page(found: Report, stage: str, path: Path) -> None:
    from cli.report_page import page

    try:
        path.write_text(page(found, stage), encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"{path} cannot be written: {error.strerror}.") from None
    click.echo(path)
