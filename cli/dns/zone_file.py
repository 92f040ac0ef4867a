"""What a zone of BIND's must have (RFC 1035 section 5), to be put into the zone's own file or given to a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.dns.finding import CONFLICTING, UNKNOWN, WRONG, Finding
from cli.output import line
from infra.records import TTL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MOST_BYTES = 255  # of a string; a longer text is several (RFC 1035 section 3.3)
BEFORE = {
    WRONG: "in the place of what is there",
    CONFLICTING: "once it is settled with what is there",
    UNKNOWN: "not looked up: it may be there",
}


def snippet(findings: Iterable[Finding], lacking: Mapping[str, str]) -> Iterator[str]:
    """Lines. What is there already, where that is not what is wanted, stands in comments above; so do the domains whose
    DKIM records are not known, and why."""
    yield from (f"; {domain}, DKIM: {line(why)}" for domain, why in lacking.items())
    domain = None
    for finding in findings:
        if finding.record.domain != domain:
            domain = finding.record.domain
            yield f"; {domain}"
        if why := BEFORE.get(finding.state):
            yield f"; {finding.state}, {why}{': ' if finding.found else ''}{line(' | '.join(finding.found))}"
        yield entry(finding)


def entry(finding: Finding) -> str:
    record = finding.record
    # What is there is left as it is written, a stricter policy for one.
    value = finding.should_be
    data = strings(value) if record.type == "TXT" else f"{value}."
    return f"{record.name}. {TTL} IN {record.type} {data}"


def strings(text: str) -> str:
    """A text as quoted strings, each of as many bytes as one may have."""
    whole = text.encode()
    parts = [whole[at : at + MOST_BYTES] for at in range(0, len(whole), MOST_BYTES)] or [b""]
    return " ".join(f'"{"".join(map(character, part))}"' for part in parts)


def character(byte: int) -> str:
    if 32 <= byte < 127:
        return f"\\{chr(byte)}" if chr(byte) in '"\\' else chr(byte)
    return f"\\{byte:03d}"
