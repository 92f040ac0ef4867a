"""Recipients as a CSV file: address, scope, reason, since. Anybody may have made it.

Whole files are read before anything is done with them, so that whoever has a bad line can correct it first.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from cli.deployment import CommandFailed
from cli.output import FORMULAS, line
from lambdas.shared.outbox.request import Impossible, deliverable
from lambdas.shared.recipients import SCOPES, canonical
from lambdas.shared.timestamps import iso, parsed

COLUMNS = ("address", "scope", "reason", "since")
ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")  # as docs/events/SendMail.json
LINE, REASON = 4_000, 300  # characters, at most
TOO_LONG = "\0"
AHEAD = timedelta(minutes=5)  # that another's clock may be


@dataclass(frozen=True, kw_only=True)
class Row:
    number: int
    address: str
    scope: str
    reason: str
    since: str | None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with a line, or with the file from there on."""

    number: int
    text: str


@dataclass
class Looked:
    """What is in a file: how many different rows, its faults, and the lines that say what a line before them says."""

    rows: int = 0
    faults: list[Fault] = field(default_factory=list)
    repeats: dict[int, int] = field(default_factory=dict)


def look(path: Path, now: datetime, advance: Callable[[int], None] = lambda _lines: None) -> Looked:
    """`advance` is told of each line."""
    looked = Looked()
    seen: dict[tuple[str, str], int] = {}
    for found in read(path, now):
        advance(1)
        if isinstance(found, Fault):
            looked.faults.append(found)
        elif first := seen.get((found.address, found.scope)):
            looked.repeats[found.number] = first
        else:
            seen[found.address, found.scope] = found.number
    looked.rows = len(seen)
    return looked


def rows(path: Path, now: datetime, looked: Looked) -> Iterator[Row]:
    """The rows without faults and repeats."""
    return (row for row in read(path, now) if isinstance(row, Row) and row.number not in looked.repeats)


def read(path: Path, now: datetime) -> Iterator[Row | Fault]:
    """CommandFailed if there is no such file, or its first line is not the header."""
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            lines = csv.reader(limited(file), strict=True)
            order = header(next(lines, []), path)
            yield from records(lines, order, now)
    except csv.Error:
        raise CommandFailed(no_header(path)) from None
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}.") from None


def limited(file: TextIO) -> Iterator[str]:
    """The file's lines, those that are too long as such, of which no more is kept in memory."""
    while text := file.readline(LINE):
        if len(text) == LINE and not text.endswith("\n"):
            while (rest := file.readline(LINE)) and not rest.endswith("\n"):
                pass
            text = f"{TOO_LONG}\n"
        yield text


def header(first: list[str], path: Path) -> list[str]:
    names = [name.strip().lower() for name in first]
    if sorted(names) != sorted(COLUMNS):
        raise CommandFailed(no_header(path))
    return names


def no_header(path: Path) -> str:
    return f"The first line of {path} has to name the columns: {','.join(COLUMNS)}."


def records(lines: Iterator[list[str]], order: list[str], now: datetime) -> Iterator[Row | Fault]:
    number = 2
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(number=number, text=f"this is no CSV: {error}")
            return
        if cells:
            yield record(number, cells, order, now)
        number = lines.line_num + 1  # type: ignore[attr-defined]  # a csv.reader


def record(number: int, cells: list[str], order: list[str], now: datetime) -> Row | Fault:
    if cells == [TOO_LONG]:
        return Fault(number=number, text=f"it is longer than {LINE:,} characters")
    if len(cells) != len(order):
        return Fault(number=number, text=f"it has {len(cells)} columns and not {len(order)}")
    value = {name: unguarded(cell.strip()) for name, cell in zip(order, cells, strict=True)}
    try:
        return Row(
            number=number,
            address=address(value["address"]),
            scope=scope(value["scope"]),
            reason=reason(value["reason"]),
            since=since(value["since"], now),
        )
    except ValueError as fault:
        return Fault(number=number, text=str(fault))


def address(text: str) -> str:
    """The address as the outbox looks it up; ValueError."""
    if not ADDRESS.fullmatch(text) or not plain(text):
        raise ValueError(f"{shown(text)} is no address")
    try:
        return canonical(deliverable(text))
    except Impossible as impossible:
        raise ValueError(f"{shown(text)}: {impossible}") from None


def scope(text: str) -> str:
    if text.lower() not in SCOPES:
        raise ValueError(f"the scope is {shown(text)} and not one of {', '.join(SCOPES)}")
    return text.lower()


def reason(text: str) -> str:
    if len(text) > REASON or not plain(text):
        raise ValueError(f"the reason is longer than {REASON} characters, or has some that are not to be seen")
    return text


def since(text: str, now: datetime) -> str | None:
    if not text:
        return None
    try:
        at = parsed(text)
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{shown(text)} is no time such as 2026-11-21 or 2026-11-21T09:30Z") from None
    if at > now + AHEAD:
        raise ValueError(f"{shown(text)} has not been yet")
    return iso(at)


def plain(text: str) -> bool:
    return all(unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for character in text)


def shown(text: str) -> str:
    return repr(line(text)[:80])


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULAS) else cell
