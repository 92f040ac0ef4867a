"""`mailroom streams replay`: a history in a file, and what the guard would have done in it."""

from __future__ import annotations

import csv
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.deployment import CommandFailed
from cli.output import as_json, cell, line, minute, print_json, show, table
from cli.replay import Hour, Moment, Replayed, replay
from cli.settings import settings_of
from lambdas.shared.counts.contributions import STREAMS, YEARS
from lambdas.shared.guard.rates import Tally, hour_of, moment_of
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

COLUMNS = ("time", "stream", "domain", "sent", "bounced", "complained")
MOST_DAYS = 366


@click.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@click.pass_obj
def replay_history(stage: str, file: Path, *, as_json: bool) -> None:
    """Show what the guard would have done in a history.

    FILE is CSV with the columns time (ISO 8601, UTC if it says no zone), stream, domain, sent, bounced, complained:
    what happened to a sending domain's mail within the hour of that time. The stage's setting `guard` has the lines.

    \b
    Example:
      mailroom streams replay docs/examples/bad-list.csv
    """
    found = [*history(file)]
    hours = [each.hour for each in found]
    if hours and max(hours) - min(hours) >= MOST_DAYS * 24:
        days = [f"{moment_of(hour):%Y-%m-%d}" for hour in (min(hours), max(hours))]
        raise CommandFailed(f"{file} goes from {days[0]} to {days[1]}; cut it into histories of a year at most.")
    done = replay(found, settings_of(stage).guard)
    if as_json:
        return print_json(data(done))
    return show(*page(done))


def history(file: Path) -> Iterator[Hour]:
    with file.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as lines:
        rows = csv.DictReader(lines, strict=True)
        try:
            if set(COLUMNS) - set(rows.fieldnames or ()):
                raise CommandFailed(f"{file} needs the columns {', '.join(COLUMNS)} in its first line.")
            for row in rows:
                yield hour(row)
        except (ValueError, csv.Error) as error:
            raise CommandFailed(f"{file}, line {rows.reader.line_num}: {line(error)}.") from None


def hour(row: dict[str, Any]) -> Hour:
    if None in row or None in row.values():
        raise ValueError("it has more or fewer columns than the first line")
    at = datetime.fromisoformat(row["time"])
    if at.year not in YEARS:
        raise ValueError(f"{at.year} is no year of mails")
    if row["stream"] not in STREAMS:
        raise ValueError(f"no stream {row['stream']!r}; they are {', '.join(STREAMS)}")
    numbers = {name: int(row[name] or 0) for name in ("sent", "bounced", "complained")}
    if min(numbers.values()) < 0:
        raise ValueError("a number of mails is below 0")
    return Hour(
        hour=hour_of(at if at.tzinfo else at.replace(tzinfo=UTC)),
        stream=row["stream"],
        domain=row["domain"].lower(),
        tally=Tally(**numbers),
    )


def data(done: Replayed) -> dict[str, Any]:
    return {
        **{name: [told(each) for each in getattr(done, name)] for name in ("guard", "without", "despite")},
        "was": asdict(done.was),
        "would_be": asdict(done.would_be),
    }


def told(moment: Moment) -> dict[str, str]:
    return asdict(moment) | {"at": iso(moment.at)}


def page(done: Replayed) -> Iterator[RenderableType]:
    yield cell("With the guard")
    yield moments(with_guard(done), "Nothing would have been done.")
    yield ""
    yield cell("Without it, as far as AWS says what it goes by")
    yield moments(done.without, "AWS would have done nothing.")
    yield ""
    yield table(("", "without", "with the guard", "saved"), figures(done))


def moments(found: list[Moment], otherwise: str) -> RenderableType:
    rows = [(minute(iso(each.at)), each.stream or each.who, each.what, line(each.why)) for each in found]
    headings = ("time (UTC)", "who", "what", "why")
    return table(headings, rows, whole=headings[:3]) if rows else cell(otherwise)


def with_guard(done: Replayed) -> list[Moment]:
    return sorted([*done.guard, *done.despite], key=lambda moment: moment.at)


def figures(done: Replayed) -> Iterator[tuple[str, str, str, str]]:
    was, would_be = done.was, done.would_be
    yield "mails sent", f"{was.sent:,}", f"{would_be.sent:,}", ""
    for name in ("bounced", "complained"):
        before, after = getattr(was, name), getattr(would_be, name)
        yield name, share(before, was.sent), share(after, would_be.sent), f"{before - after:,}"


def share(number: int, mails: int) -> str:
    return f"{number:,} ({100 * number / mails:.2g} %)" if mails else f"{number:,}"
