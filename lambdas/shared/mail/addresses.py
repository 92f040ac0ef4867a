"""Address lists in header fields (RFC 5322 section 3.4), read as they come rather than as they should be."""

import re
from collections.abc import Iterator

from lambdas.shared.mail import limits, words
from lambdas.shared.mail.mail import Address

# A comment's start, an address in brackets, an end of an entry, or a run of anything else.
_TOKEN = re.compile(r"(\()|<([^<>]*)>|([,;:])|([^\"(<,;:]+|.)", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_COMMENT = re.compile(r"[()]|\\.", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def read(value: str) -> tuple[Address, ...]:
    """The addresses of one field's raw value, groups opened, in their order."""
    found: list[Address] = []
    for name, comment, email in _entries(value):
        address = _address(name, comment, email)
        if address:
            found.append(address)
        if len(found) >= limits.ADDRESSES:
            break
    return tuple(found)


def _entries(value: str) -> Iterator[tuple[list[str], str, str | None]]:
    """(pieces of the phrase, comment, address in brackets) of each entry."""
    name: list[str] = []
    comment, email = "", None
    position = 0
    closed = '"' in value  # until a quote without an end is found: it and those behind it are read as letters
    while position < len(value):
        quoted = _QUOTED.match(value, position) if closed and value[position] == '"' else None
        if quoted:
            position = quoted.end()
            name.append(quoted[0] if value.startswith("@", position) else re.sub(r"\\(.)", r"\1", quoted[1]))
            continue
        closed = closed and value[position] != '"'
        token = _TOKEN.match(value, position)
        if token is None:
            break
        position = token.end()
        opens, bracketed, ends, other = token.groups()
        if opens:
            comment, position = _comment(value, position)
        elif bracketed is not None:
            email = bracketed if email is None else email
        elif ends == ":" and email is None and "@" not in "".join(name):
            name, comment = [], ""  # the name of a group (RFC 5322 section 3.4)
        elif ends:
            yield name, comment, email
            name, comment, email = [], "", None
        else:
            name.append(other)
    yield name, comment, email


def _comment(value: str, position: int) -> tuple[str, int]:
    """The text of a comment, nested ones included, and where it ends."""
    depth, start = 1, position
    for mark in _COMMENT.finditer(value, position):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth == 0:
            return value[start : mark.start()], mark.end()
    return value[start:], len(value)


def _address(name: list[str], comment: str, email: str | None) -> Address | None:
    phrase = "".join(name).strip()
    if email is None:
        email, phrase = _bare(phrase)
    email = _email(email)
    shown = words.decode(phrase).strip() or words.decode(comment)
    shown = shown.strip("\"' ") if shown[:1] in ("'", '"') else shown
    return Address(name=shown, email=email) if email or shown else None


def _bare(phrase: str) -> tuple[str, str]:
    """An address without brackets. A phrase beside it is its name, as `Name address@example.org` is written."""
    if phrase.startswith('"') and "@" in phrase:
        return phrase, ""
    if "=?" in phrase and "@" not in phrase:
        phrase = words.decode(phrase)  # some programs encode the address too
    pieces = phrase.split()
    whole = [piece for piece in pieces if "@" in piece[1:-1]]
    if len(whole) == 1:
        return whole[0], " ".join(piece for piece in pieces if piece != whole[0])
    # `local @ domain` with blanks (RFC 5322 section 4.4), or no address at all
    joined = "".join(pieces)
    return (joined, "") if "@" in joined and not whole else ("", phrase)


def _email(written: str) -> str:
    """As written, without blanks, control characters and source routes (`@relay:user@host`, RFC 5322 section 4.4),
    domain in lower case."""
    written = _CONTROL.sub("", re.sub(r"\([^()]*\)", "", written)).strip()
    written = written if written.startswith('"') else re.sub(r"\s+", "", written)
    if written.startswith("@") and ":" in written:
        written = written.rpartition(":")[2]
    written = re.sub(r"^mailto:", "", written, flags=re.IGNORECASE)
    local, at, domain = written.rpartition("@")
    return f"{local}@{domain.lower()}" if at else written
