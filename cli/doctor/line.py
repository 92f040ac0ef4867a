"""One line of what `mailroom doctor` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

OK, WARNING, ERROR = LEVELS = ("ok", "warning", "error")


@dataclass(frozen=True, kw_only=True)
class Line:
    """`check` names what was looked at, the same in every run; `mend` is the command or the link that mends it, empty
    where nothing needs to be."""

    check: str
    level: str
    said: str
    mend: str = ""


def ok(check: str, said: str) -> Line:
    return Line(check=check, level=OK, said=said)


def warning(check: str, said: str, mend: str) -> Line:
    return Line(check=check, level=WARNING, said=said, mend=mend)


def error(check: str, said: str, mend: str) -> Line:
    return Line(check=check, level=ERROR, said=said, mend=mend)


def worst(lines: Iterable[Line]) -> str:
    return max((line.level for line in lines), key=LEVELS.index, default=OK)
