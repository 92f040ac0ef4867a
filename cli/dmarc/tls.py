"""The TLS reports on a domain: how many sessions other servers had with ours, and why some failed (RFC 8460)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.dmarc.advice import count, percent
from cli.dmarc.page import MOST, reporter
from cli.output import cell, line, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

    from lambdas.shared.aggregates.report import Sender, TlsReport

# RFC 8460 section 4.3, in words.
MEANINGS = {
    "starttls-not-supported": "the server offered no STARTTLS",
    "certificate-host-mismatch": "the certificate is for another name",
    "certificate-expired": "the certificate has expired",
    "certificate-not-trusted": "the certificate is of nobody that the sender trusts",
    "validation-failure": "another fault of TLS",
    "tlsa-invalid": "no TLSA record could be used",
    "dnssec-invalid": "DNSSEC of the domain is broken",
    "dane-required": "the sender demands DANE, and there are no TLSA records",
    "sts-policy-fetch-error": "the MTA-STS policy could not be fetched",
    "sts-policy-invalid": "the MTA-STS policy could not be read",
    "sts-webpki-invalid": "the policy's web server has a certificate that is not trusted",
}


@dataclass(kw_only=True)
class Sessions:
    """`failed` are sessions by (result, server, from where), which need not add up to `failures`."""

    domain: str
    since: str
    reports: int = 0
    left: int = 0
    policies: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    failed: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    reporters: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def succeeded(self) -> int:
        return sum(good for good, _ in self.policies.values())

    @property
    def failures(self) -> int:
        return sum(bad for _, bad in self.policies.values())


def sessions(domain: str, since: str, found: Iterable[tuple[TlsReport, Sender]]) -> Sessions:
    counted = Sessions(domain=domain, since=since)
    for report, sender in found:
        if report.domain != domain:
            continue
        if not sender.domain:
            counted.left += 1
            continue
        counted.reports += 1
        for policy in report.policies:
            sums = counted.policies.setdefault((policy.type, policy.mode), [0, 0])
            sums[0] += policy.succeeded
            sums[1] += policy.failed
            counted.reporters[sender.domain, report.organisation] += policy.succeeded + policy.failed
            for failure in policy.failures:
                counted.failed[failure.result, failure.mx, failure.source] += failure.count
    return counted


def page(found: Sessions) -> Iterator[RenderableType]:
    yield cell(f"{found.domain}, TLS reports since {found.since} (UTC)\n")
    total = found.succeeded + found.failures
    if not found.reports:
        yield cell("None has come.")
    if total:
        told = f"{count(total, 'session')} in {count(found.reports, 'report')}"
        yield cell(f"{told}: {percent(found.succeeded / total)} succeeded, {found.failures:,} failed\n")
        policies = (row(kind, mode, *sums) for (kind, mode), sums in largest(found.policies))
        yield table(("policy", "succeeded", "failed"), policies)
        yield ""
    if found.failed:
        headings = ("sessions", "failed because", "with our server", "from")
        yield table(headings, (failure(*pair) for pair in found.failed.most_common(MOST)), whole=headings[:1])
        yield ""
    if found.reporters:
        rows = [(line(reporter(*who)), f"{number:,}") for who, number in found.reporters.most_common(MOST)]
        yield table(("reported by", "sessions"), rows, whole=("sessions",))
    if found.left:
        yield cell(f"\nLeft out: {count(found.left, 'report')}, whose senders nothing vouches for.")


def largest(policies: dict[tuple[str, str], list[int]]) -> list[tuple[tuple[str, str], list[int]]]:
    return sorted(policies.items(), key=lambda policy: (-sum(policy[1]), policy[0]))


def row(kind: str, mode: str, good: int, bad: int) -> tuple[str, str, str]:
    return line(f"{kind} ({mode})" if mode else kind), f"{good:,}", f"{bad:,}"


def failure(which: tuple[str, str, str], number: int) -> tuple[str, ...]:
    result, mx, source = which
    return f"{number:,}", line(MEANINGS.get(result, result)), line(mx), line(source)


def data(found: Sessions) -> dict[str, Any]:
    return {
        "domain": found.domain,
        "since": found.since,
        "reports": found.reports,
        "succeeded": found.succeeded,
        "failed": found.failures,
        "policies": [
            {"type": kind, "mode": mode, "succeeded": good, "failed": bad}
            for (kind, mode), (good, bad) in largest(found.policies)
        ],
        "failures": [
            {"result": result, "mx": mx, "source": source, "sessions": number}
            for (result, mx, source), number in found.failed.most_common()
        ],
        "reporters": [
            {"domain": domain, "organisation": organisation, "sessions": number}
            for (domain, organisation), number in found.reporters.most_common()
        ],
        "left_out": found.left,
    }
