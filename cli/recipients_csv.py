"""Suppressions out to a CSV file, and in from one."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click
from botocore.exceptions import BotoCoreError, ClientError

from cli.deployment import CommandFailed, Deployment, deployed
from cli.output import as_json, guarded, line, print_json, show
from cli.progress import bar
from cli.recipients_file import COLUMNS, Looked, Row, look, rows
from lambdas.shared.recipients import IMPORT, Recipients, Suppression
from lambdas.shared.suppressed import Suppressed
from lambdas.shared.timestamps import iso, now

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.shared.recipients import Recipient

SHOWN = 20  # bad lines
AT_ONCE, WRITERS = 400, 8  # rows; requests


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
@deployed
def export(deployment: Deployment, file: Path, *, as_json: bool) -> None:
    """Write all suppressions to a CSV file.

    FILE gets a line for each: address, scope, reason, since. What ends by itself, after soft bounces, is left out, for
    who imports the file elsewhere would make it last. It is written beside FILE and put in its place when it is whole.
    """
    at, written, left = now(), 0, 0
    with replaced(file) as place, place.open("w", encoding="utf-8", newline="") as out, bar("writing", None) as advance:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for recipient in Suppressed(deployment.table("RecipientsTable")).all():
            found = [one for one in recipient.suppressions if one.holds(at)]
            lasting = [one for one in found if one.until is None]
            for one in lasting:
                writer.writerow(map(guarded, (recipient.address, one.scope, line(one.reason), one.at)))
            written, left = written + len(lasting), left + len(found) - len(lasting)
            advance(1)
    if as_json:
        return print_json({"file": str(file), "suppressions": written, "left_out": left})
    ending = f" {left} that end by themselves are left out." if left else ""
    return show(f"{written:,} suppressions are in {line(file)}.{ending}")


@contextmanager
def replaced(file: Path) -> Iterator[Path]:
    """A new file beside it that takes its place in the end; only its owner may read it."""
    try:
        handle, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}.")
        os.close(handle)
    except OSError as error:
        raise CommandFailed(f"{file} cannot be written: {error.strerror}.") from None
    try:
        yield Path(name)
        Path(name).replace(file)
    except OSError as error:
        raise CommandFailed(f"{file} cannot be written: {error.strerror}.") from None
    finally:
        Path(name).unlink(missing_ok=True)


@click.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--skip-bad", is_flag=True, help="Import the good lines of a file that has bad ones.")
@as_json
@deployed
def import_(deployment: Deployment, file: Path, *, dry_run: bool, skip_bad: bool, as_json: bool) -> None:
    """Suppress the addresses of a CSV file.

    The first line of FILE names its columns: address, scope (all, transactional, marketing), reason, since (such as
    2026-11-21; empty for now). The whole file is read first; if a line is bad, nothing is imported. What is suppressed
    already stays as it is, so the same file again changes nothing, and goes on with an import that was broken off.

    \b
    Examples:
      mailroom recipients import old-provider.csv --dry-run
      mailroom recipients import old-provider.csv
    """
    at = now()
    with bar("reading", None) as advance:
        looked = look(file, at, advance)
    if looked.faults and not skip_bad:
        raise CommandFailed(refusal(looked))
    done = Import(deployment=deployment, at=at, dry_run=dry_run)
    try:
        with bar("comparing" if dry_run else "importing", looked.rows) as advance:
            new = done.run(rows(file, at, looked), advance)
    except (KeyboardInterrupt, ClientError, BotoCoreError) as error:
        click.echo("Some of the lines may be imported; the same again goes on with the rest.", err=True)
        if isinstance(error, KeyboardInterrupt):
            raise CommandFailed("The import was broken off.") from None
        raise
    if as_json:
        return print_json(data(looked, new, dry_run=dry_run))
    return tell(looked, new, dry_run=dry_run)


@dataclass(frozen=True, kw_only=True)
class Import:
    deployment: Deployment
    at: datetime
    dry_run: bool

    def run(self, found: Iterator[Row], advance: Callable[[int], None]) -> int:
        """Gives how many were new."""
        tables = [self.deployment.table("RecipientsTable") for _ in range(1 if self.dry_run else WRITERS)]
        suppressed, writers = Suppressed(tables[0]), [Recipients(table) for table in tables]
        new = 0
        with ThreadPoolExecutor(WRITERS) as pool:
            while some := list(islice(found, AT_ONCE)):
                known = suppressed.about([row.address for row in some])
                missing = [row for row in some if not stands(known[row.address], row.scope)]
                if self.dry_run:
                    new += len(missing)
                else:
                    parts = [missing[first :: len(writers)] for first in range(len(writers))]
                    new += sum(pool.map(self._write, writers, parts))
                advance(len(some))
        return new

    def _write(self, recipients: Recipients, part: list[Row]) -> int:
        return sum(recipients.suppress(row.address, self._suppression(row)) for row in part)

    def _suppression(self, row: Row) -> Suppression:
        at = row.since or iso(self.at)
        why = row.reason or "imported"
        return Suppression(scope=row.scope, reason=why, message_id="", evidence="", at=at, by=IMPORT)


def stands(recipient: Recipient, scope: str) -> bool:
    return any(one.scope == scope and one.until is None for one in recipient.suppressions)


def refusal(looked: Looked) -> str:
    told = [f"line {fault.number}: {fault.text}" for fault in looked.faults[:SHOWN]]
    more = len(looked.faults) - len(told)
    told += [f"and {more:,} more"] if more else []
    total = len(looked.faults) + looked.rows + len(looked.repeats)
    bad = f"{len(looked.faults):,} of {total:,} lines {'is' if len(looked.faults) == 1 else 'are'} bad"
    return "\n".join((f"Nothing is imported, for {bad}. Correct them, or leave them out with --skip-bad.", *told))


def data(looked: Looked, new: int, *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "new": new,
        "already": looked.rows - new,
        "repeats": [{"line": number, "same_as": first} for number, first in looked.repeats.items()],
        "bad": [asdict(fault) for fault in looked.faults],
    }


def tell(looked: Looked, new: int, *, dry_run: bool) -> None:
    would = "would be suppressed" if dry_run else "suppressed"
    show(f"{new:,} {would}, {looked.rows - new:,} already were.")
    for number, first in islice(looked.repeats.items(), SHOWN):
        show(f"line {number}: the same as line {first}")
    if len(looked.repeats) > SHOWN:
        show(f"{len(looked.repeats):,} lines say what others say.")
    for fault in looked.faults[:SHOWN]:
        show(f"line {fault.number}, left out: {fault.text}")
    if len(looked.faults) > SHOWN:
        show(f"{len(looked.faults):,} lines are left out.")
    if dry_run:
        show("Nothing is changed.")
