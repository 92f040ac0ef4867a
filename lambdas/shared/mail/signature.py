"""The signature below what an author wrote."""

import re

from lambdas.shared.mail import phrases
from lambdas.shared.mail.quotes import any_of

_DELIMITER = re.compile(r"^\s?(?:--+|__+|\u2014+|\u2013\u2013+|==+|\*\*+)\s*$")
_SENT_FROM = re.compile(rf"^\s*[-<(]?\s*(?:{any_of(phrases.SENT_FROM)})", re.IGNORECASE)
_CLOSING = re.compile(rf"^\s*(?:{any_of(phrases.CLOSINGS)})[\s,.!;…-]{{0,10}}$", re.IGNORECASE)
_DASHED_NAME = re.compile(r"^\s*[-\u2013\u2014]\s?[^\W\d_][\w.' ]{0,30}$")
_LINES = 12  # a signature's longest, empty lines not counted
_WIDTH = 80  # and its widest line


def split(text: str) -> tuple[str, str | None]:
    """(the text above, the signature); None where there is none."""
    lines = text.rstrip().split("\n")
    at = _start(lines)
    if at is None or not any(line.strip() for line in lines[:at]):
        return text.strip("\n"), None
    return "\n".join(lines[:at]).strip("\n"), "\n".join(lines[at:]).strip("\n")


def _start(lines: list[str]) -> int | None:
    """Where the signature starts: the highest line that can, with nothing but signature below it."""
    start = None
    filled = 0
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at]
        if not line.strip():
            continue
        filled += 1
        if filled > _LINES + 1:
            break
        if _begins(lines, at, filled):
            start = at
        elif len(line) > _WIDTH:
            break
    return start


def _begins(lines: list[str], at: int, filled: int) -> bool:
    line = lines[at]
    if _DELIMITER.match(line):
        return filled > 1
    if _SENT_FROM.match(line):
        return len(line) <= _WIDTH
    if _CLOSING.match(line):
        return True
    return _DASHED_NAME.match(line) is not None and filled <= 2
