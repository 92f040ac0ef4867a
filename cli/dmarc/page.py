"""The DMARC reports on a domain, for a terminal and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cli.dmarc.advice import count, percent
from cli.dmarc.sources import FORWARDED, OURS, PASSES, SERVICE, SPOOFED, UNKNOWN
from cli.output import cell, line, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType

    from cli.dmarc.advice import Advice
    from cli.dmarc.gather import Gathered
    from cli.dmarc.sources import Source

MOST = 30  # sources of a screen; --json has all
NAMES = 3  # domains in a cell
LOOKS = {
    PASSES: "passes",
    OURS: "yours, set up in part",
    FORWARDED: "forwarded, or changed on the way",
    SERVICE: "a service to be set up, or a stranger",
    UNKNOWN: "a server of yours, or spoofing",
    SPOOFED: "spoofing",
}


def page(found: Gathered, advice: Advice, names: Mapping[str, str]) -> Iterator[RenderableType]:
    """`names` are by address, where they were asked for."""
    yield cell(f"{found.domain}, DMARC reports since {found.since} (UTC)\n")
    if found.rows:
        yield from seen(found, names)
    if found.left.reports:
        left = f"{count(found.left.reports, 'report')} on {count(found.left.mails, 'mail')}"
        yield cell(f"Left out: {left}, whose senders nothing vouches for.\n")
    yield cell(line(advice.said))
    yield from (cell(f"  {'✓' if check.holds else '✗'} {line(check.said)}") for check in advice.checks)


def seen(found: Gathered, names: Mapping[str, str]) -> Iterator[RenderableType]:
    mails, passed = sum(one.mails for one in found.sources), sum(one.passed for one in found.sources)
    stopped = sum(one.stopped for one in found.sources)
    yield cell(
        f"{count(mails, 'mail')} in {count(found.reports, 'report')}: {percent(passed / mails)} passed, "
        f"{stopped:,} were quarantined or rejected. The policy in force: {found.policy.in_force}\n"
    )
    headings = ("source", "mails", "passed", "DKIM", "SPF", "looks like")
    rows = (row(one, names) for one in found.sources[:MOST])
    yield table(headings, rows, whole=headings[:5])
    if len(found.sources) > MOST:
        yield cell(f"and {len(found.sources) - MOST:,} more: --json has all")
    reporters = [(line(reporter(*who)), f"{mails:,}") for who, mails in found.reporters.most_common(MOST)]
    yield ""
    yield table(("reported by", "mails"), reporters, whole=("mails",))
    yield ""


def row(source: Source, names: Mapping[str, str]) -> tuple[str, ...]:
    shares = (percent(part / source.mails) for part in (source.passed, source.dkim, source.spf))
    name = line(names.get(source.address, ""))
    address = "\n".join(filter(None, (source.address or "not told", name)))
    return (address, f"{source.mails:,}", *shares, line(looks(source)))


def looks(source: Source) -> str:
    domains = source.names if source.failed else source.through
    told = ", ".join(name for name, _ in domains.most_common(NAMES))
    return f"{LOOKS[source.kind]}{f': {told}' if told else ''}"


def reporter(domain: str, organisation: str) -> str:
    return domain if organisation.lower() in ("", domain) else f"{domain} ({organisation})"


def data(found: Gathered, advice: Advice, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "domain": found.domain,
        "since": found.since,
        "reports": found.reports,
        "mails": sum(source.mails for source in found.sources),
        "passed": sum(source.passed for source in found.sources),
        "policy": asdict(found.policy) | {"in_force": found.policy.in_force},
        "sources": [source_data(source, names) for source in found.sources],
        "reporters": [
            {"domain": domain, "organisation": organisation, "mails": mails}
            for (domain, organisation), mails in found.reporters.most_common()
        ],
        "left_out": asdict(found.left),
        "advice": asdict(advice),
    }


def source_data(source: Source, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "address": source.address,
        "name": names.get(source.address),
        "mails": source.mails,
        "passed": source.passed,
        "dkim": source.dkim,
        "spf": source.spf,
        "quarantined_or_rejected": source.stopped,
        "looks": source.kind,
        "failed": dict(source.failed),
        "passes_as": sorted(source.through),
        "fails_as": sorted(source.names),
        "days": len(source.days),
    }
