"""How what was found is shown to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.dns.finding import MISSING, PRESENT
from cli.output import cell, fields, line, table, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

    from cli.dns.finding import Finding
    from infra.settings_domains import Domain

MOST_CHARACTERS = 1000


def page(findings: list[Finding], lacking: dict[str, str], more: Iterable[str]) -> Iterator[RenderableType]:
    """`more` are sentences about all of it."""
    rows = [(found.state, *map(line, (found.record.type, found.record.name, found.record.value))) for found in findings]
    yield table(("state", "type", "name", "value"), rows, whole=("state", "type"))
    for finding in findings:
        if finding.said and (finding.state != MISSING or finding.found):
            yield ""
            yield from explained(finding)
    for domain, why in lacking.items():
        yield cell(f"\nThe DKIM records of {domain} are not known: {sentence(why)}")
    yield from (cell(f"\n{sentence(each)}") for each in more)


def explained(finding: Finding) -> Iterator[RenderableType]:
    record = finding.record
    yield cell(line(f"{finding.state}: {record.name} {record.type}"))
    there = "\n".join(map(line, finding.found))
    other = finding.state != PRESENT
    yield fields({"there": there, "should be": line(finding.should_be) if other else "", "": sentence(finding.said)})


def sentence(text: str) -> str:
    """Longer than a value, and yet of an end: part of it may be what others wrote."""
    return visible(" ".join(text[:MOST_CHARACTERS].split()))


def hosted(domains: Iterable[Domain], findings: Iterable[Finding]) -> Iterator[str]:
    """What is behind it when nothing is there of what the stack makes."""
    missing = {finding.record.domain for finding in findings if finding.state == MISSING}
    there = {finding.record.domain for finding in findings if finding.found}
    for domain in domains:
        if domain.hosted_zone and domain.name in missing - there:
            zone = domain.hosted_zone
            servers = f"`aws route53 get-hosted-zone --id {zone.id} --query DelegationSet.NameServers`"
            yield (
                f"The stack Identity makes the records of {domain.name} in the hosted zone {zone.id}. If they are "
                f"missing once it is deployed, {zone.name} is not delegated to that zone: give your registrar the name "
                f"servers that {servers} names."
            )


def kept(findings: Iterable[Finding]) -> str:
    """For how long a change may not be seen."""
    longest = max((finding.ttl or 0 for finding in findings if finding.state != PRESENT), default=0)
    return f"Resolvers may go on with what they said for up to {duration(longest)}." if longest else ""


def duration(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}" if minutes < 120 else f"{-(-minutes // 60)} hours"
