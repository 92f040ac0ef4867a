"""What the command prints: JSON for programs, tables for people, and nothing that could drive a terminal.

Values come from mail, so anybody may have written them: no control character and no markup of them reaches the
terminal. JSON is ASCII only, for the same reason.
"""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

LINE_LENGTH = 300  # characters of a one-line value; --json has it whole
# Control, format (direction overrides among them), lone surrogates, private use (Unicode, general categories).
UNSAFE = {"Cc", "Cf", "Cs", "Co"}
JOINERS = "\u200c\u200d"  # of the same category, but part of scripts and of emoji
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))  # break hints that newsletters are full of
FORMULAS = tuple("=+-@\t")  # how a cell begins that a spreadsheet would compute
STYLES = {
    "delivered": "green",
    "new": "green",
    "bounced": "red",
    "complained": "red",
    "failed": "red",
    "rejected": "red",
    "suppressed": "yellow",
    "delayed": "yellow",
    "present": "green",
    "missing": "red",
    "wrong": "red",
    "conflicting": "red",
    "unknown": "yellow",
}

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")
limit = click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, metavar="N", help="How many at most."
)


def print_json(data: object) -> None:
    click.echo(json.dumps(data, indent=2))


def visible(text: str) -> str:
    """The text with what a terminal would act on spelled out, as `\\x1b` for an escape."""
    return "".join(
        character if character in JOINERS or unicodedata.category(character) not in UNSAFE else escaped(character)
        for character in text.translate(INVISIBLE)
    )


def escaped(character: str) -> str:
    return (
        character.encode("ascii", "backslashreplace").decode() if ord(character) > 127 else f"\\x{ord(character):02x}"
    )


def line(value: object) -> str:
    """A value from outside on one line."""
    text = visible(" ".join(str(value).split()))
    return text if len(text) <= LINE_LENGTH else text[: LINE_LENGTH - 1] + "…"


def guarded(cell: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


def paragraphs(value: str) -> str:
    """A text from outside with its own lines."""
    return "\n".join(visible(row.expandtabs(4)) for row in value.splitlines())


def moment(at: str | None, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A stored time as `2026-11-21 20:04:31`, in UTC; what is no time is shown as it is."""
    try:
        return datetime.fromisoformat(at).astimezone(UTC).strftime(form) if at else ""
    except (ValueError, OverflowError):
        return line(at)


def minute(at: str | None) -> str:
    """The same without the seconds."""
    return moment(at, "%Y-%m-%d %H:%M")


def person(name: str, address: str) -> str:
    return line(f"{name} <{address}>" if name else address)


def cell(text: str) -> Text:
    """Clean text for a table, never read as markup; states in their colour."""
    from rich.text import Text

    return Text(text, style=STYLES.get(text, ""))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, whole: Sequence[str] = ()) -> Table:
    """Rows of clean text. The columns named in `whole` are never broken; the others wrap to fit."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for heading in headings:
        made.add_column(heading, overflow="fold", no_wrap=heading in whole)
    for row in rows:
        made.add_row(*map(cell, row))
    return made


def fields(pairs: dict[str, str]) -> Table:
    """Names and clean values, one a line; empty values are left out."""
    from rich.table import Table

    made = Table.grid(padding=(0, 2))
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs.items():
        if value:
            made.add_row(name, cell(value))
    return made


def indented(text: str) -> RenderableType:
    from rich.padding import Padding

    return Padding(cell(text), (0, 0, 0, 2), expand=False)


def show(*parts: RenderableType) -> None:
    """Print for a person. Strings must be clean; nothing in them is read as markup."""
    screen = console()
    for part in parts:
        screen.print(part, markup=False, highlight=False, emoji=False)


def console(**options: Any) -> Console:
    from rich.console import Console

    return Console(**options)
