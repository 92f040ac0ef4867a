"""The signature below what an author wrote."""

import re

from lambdas.shared.mail import phrases
from lambdas.shared.mail.html_text import SIGNATURE
from lambdas.shared.mail.quotes import SENT_FROM, any_of

_DELIMITER = re.compile(r"^\s?(?:--+|__+|\u2014+|\u2013\u2013+|==+|\*\*+)\s*$")
_CLOSING = re.compile(rf"^\s*(?:{any_of(phrases.CLOSINGS)})[\s,.!;\u2026-]{{0,10}}$", re.IGNORECASE)
# "-roman", "- Lev.", and "/John" as Swedes and Danes sign
_DASHED_NAME = re.compile(r"^\s*(?:[-\u2013\u2014]|//?)\s?[^\W\d_][\w'-]{0,20}\.?(?: [^\W\d_][\w'-]{0,20}\.?){0,2}$")
_CONTACT = re.compile(
    r"[^\s@]{1,64}@[^\s@]{1,190}\.\w{2,}|\bhttps?://|\bwww\.\w|(?:\+|\(|\b)\d[\d\s()/.-]{6,20}\d\b|^\s*(?:tel|phone|fax|mobile?)\b",
    re.IGNORECASE,
)
_LINES = 12  # a signature's longest, empty lines not counted
_WIDTH = 80  # and its widest line


def split(text: str, author: str = "") -> tuple[str, str | None]:
    """(the text above, the signature) of a text by `author`, a display name or ""; None where there is none."""
    lines = text.rstrip().split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    if SIGNATURE in lines[first + 1 :]:
        start: int | None = lines.index(SIGNATURE, first + 1)
    else:
        start = _start(lines, first, author.strip().lower())
    if start is None:
        return _joined(lines), None
    return _joined(lines[:start]), _joined(lines[start:])


def _joined(lines: list[str]) -> str:
    return "\n".join(line for line in lines if line != SIGNATURE).strip("\n")


def _start(lines: list[str], first: int, author: str) -> int | None:
    """Where the signature starts: from the end up, the last line that begins one or extends the one below it."""
    start, kind = None, ""
    between = 0  # lines with text from the candidate down to the start of what was found, or to the end
    for at in range(len(lines) - 1, first, -1):
        line = lines[at]
        if not line.strip():
            continue
        found = _begins(line, author)
        if found == "dashed name" and _listed(lines, at):
            found = ""
        if found and _extends(found, kind, between):
            start, kind, between = at, found, 0
            continue
        between += 1
        if between > _LINES or (len(line) > _WIDTH and not start) or (start is not None and between > 2):
            break
    return start if start is not None else _contacts(lines, first)


def _listed(lines: list[str], at: int) -> bool:
    """Whether a line with a dash is one of a list."""
    above = next((line.strip() for line in reversed(lines[max(at - 3, 0) : at]) if line.strip()), "")
    return above[:1] == lines[at].strip()[0]


def _begins(line: str, author: str) -> str:
    if len(line) > _WIDTH:
        return ""
    stripped = line.strip()
    if _DELIMITER.match(line):
        return "delimiter"
    if SENT_FROM.match(line):
        return "sent from"
    if _CLOSING.match(line):
        return "closing"
    if _DASHED_NAME.match(line):
        return "dashed name"
    return "name" if author and stripped.lower().rstrip(".,") == author else ""


def _extends(found: str, below: str, between: int) -> bool:
    """Whether a beginning counts, given what begins below it and how many lines with text are between."""
    if not below:
        # A delimiter has something below it; a name alone or with one line more; a closing with a card below.
        return {"delimiter": between > 0, "sent from": True, "dashed name": between <= 1}.get(found, True)
    return (
        between == 0
        or (below in ("delimiter", "sent from") and found != "dashed name" and between <= 2)
        or found == "delimiter"
    )


def _contacts(lines: list[str], first: int) -> int | None:
    """A last paragraph of short lines, two of them with an address, a telephone number or a page."""
    at = len(lines) - 1
    while at > first and lines[at].strip() and len(lines[at]) <= _WIDTH:
        at -= 1
    block = lines[at + 1 :]
    if at <= first or lines[at].strip() or not 2 < len(block) <= _LINES:
        return None
    return at + 1 if sum(1 for line in block if _CONTACT.search(line)) >= 2 else None
