"""Lists of tags such as `v=DMARC1; p=none`, which DMARC, DKIM, MTA-STS and TLS reporting have in common."""

from __future__ import annotations

import re
from collections import Counter

BLANKS = " \t\r\n"


def tags(text: str) -> dict[str, str]:
    """Each tag's value, names in small letters, in their order. What is no tag is passed over, and of a tag that is
    there twice the first counts: receivers differ, so a record with either is best corrected, see `slips`."""
    read: dict[str, str] = {}
    for name, value in pairs(text):
        read.setdefault(name, value)
    return read


def slips(text: str) -> list[str]:
    """What in a list of tags is none, or is there twice: RFC 6376 section 3.2 takes the whole list for invalid then."""
    twice = [f"{name}= is there twice" for name, times in Counter(name for name, _ in pairs(text)).items() if times > 1]
    parts = (part.strip(BLANKS) for part in text.split(";"))
    return twice + [f"{part} is no tag" for part in parts if part and not tag(part)]


def pairs(text: str) -> list[tuple[str, str]]:
    return [read for part in text.split(";") if (read := tag(part))]


def tag(part: str) -> tuple[str, str] | None:
    name, equals, value = (piece.strip(BLANKS) for piece in part.partition("="))
    return (name.lower(), value) if equals and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) else None


def begins_with(version: str) -> re.Pattern[str]:
    """What a record of that version begins with, such as `v=DMARC1`; case matters (RFC 9989 section 4.8, RFC 8461
    section 3.1, RFC 8460 section 3)."""
    return re.compile(rf"v[ \t]*=[ \t]*{version}[ \t]*(?:;|$)")
