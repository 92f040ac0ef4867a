"""What was found of one record that is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import dns.exception
import dns.tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.records import Record

PRESENT, MISSING, WRONG, CONFLICTING = "present", "missing", "wrong", "conflicting"
UNKNOWN, NOT_ASKED = "unknown", "not asked"
MOST_SAID = 5


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`found` is what is there, a value each, with its type in front where that is another than the record's; anybody
    may have written it. `said` tells what to do, or what to know of a record that is present. `should_be` is the value
    to publish: the record's own, or what is there with what it lacks. `ttl` is how many seconds resolvers may go on
    with what they said. `unknown` is for look-ups that failed: such a record may well be there."""

    record: Record
    state: str
    found: tuple[str, ...] = ()
    said: str = ""
    should_be: str
    ttl: int | None = None


def not_asked(record: Record) -> Finding:
    """Where nobody looks."""
    return Finding(record=record, state=NOT_ASKED, should_be=plain(record))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a judge of one kind of record says; without `should_be` that is the record's own value."""

    state: str
    said: str = ""
    should_be: str | None = None


def several(said: Sequence[str]) -> str:
    """The first of them, for whoever wrote a record may have given it thousands of faults."""
    more = len(said) - MOST_SAID
    return "; ".join([*said[:MOST_SAID], *([f"and {more} more"] if more > 0 else [])])


def plain(record: Record) -> str:
    """The record's value as Answer has values: of a TXT its strings, joined and without their quotes."""
    if record.type != "TXT":
        return record.value.rstrip(".").lower()
    read = dns.tokenizer.Tokenizer(record.value)
    strings = []
    while not (token := read.get()).is_eol_or_eof():
        strings.append(token.unescape_to_bytes().value)
    return b"".join(strings).decode()
