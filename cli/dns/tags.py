"""Lists of tags such as `v=DMARC1; p=none`, which DMARC, DKIM, MTA-STS and TLS reporting have in common."""

from __future__ import annotations

import re
from collections import Counter

BLANKS = " \t\r\n"


def tags(text: str) -> dict[str, str]:
    """Each tag's value in their order, names in small letters. What is no tag is passed over (RFC 9989 section 4.8); of
    one that is there twice the first counts."""
    read: dict[str, str] = {}
    for name, value in pairs(text):
        read.setdefault(name, value)
    return read


def repeated(text: str) -> list[str]:
    """Tags that are there twice: some receivers then take the whole record for invalid (RFC 6376 section 3.2, to which
    RFC 7489 section 6.4 points)."""
    return [name for name, times in Counter(name for name, _ in pairs(text)).items() if times > 1]


def pairs(text: str) -> list[tuple[str, str]]:
    return [read for part in text.split(";") if (read := tag(part))]


def tag(part: str) -> tuple[str, str] | None:
    name, equals, value = (piece.strip(BLANKS) for piece in part.partition("="))
    return (name.lower(), value) if equals and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) else None


def begins_with(version: str) -> re.Pattern[str]:
    """What a record of that version begins with, such as `v=DMARC1`; case matters (RFC 9989 section 4.8, RFC 8461
    section 3.1, RFC 8460 section 3)."""
    return re.compile(rf"v[ \t]*=[ \t]*{version}[ \t]*(?:;|$)")
