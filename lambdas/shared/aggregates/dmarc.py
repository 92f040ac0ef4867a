"""A DMARC aggregate report of its XML: RFC 7489 appendix C and RFC 9990, and what is written in their place.

What a sender leaves out or gets wrong costs what it is about, not the report: only a domain, a period and counts have
to be there.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.shared.aggregates import elements, limits
from lambdas.shared.aggregates.period import period
from lambdas.shared.aggregates.report import DmarcReport, Malformed, NoReport, Policy, Row

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lambdas.shared.aggregates.elements import Element

NUMBER = re.compile(r"\d{1,12}")
NAME = 255  # characters of a domain; RFC 1035 section 2.3.4 has 255 octets
POLICIES = ("none", "quarantine", "reject")
DISPOSITIONS = (*POLICIES, "pass")
# A receiver that trusts an ARC chain overrides the policy as "local_policy" and says so in the comment (RFC 8617
# section 7.2.2).
ARC = re.compile(r"\barc\s*=\s*pass", re.IGNORECASE)


def read(data: bytes, now: datetime) -> DmarcReport:
    """The report that a document is. NoReport, Malformed, TooLarge."""
    root = elements.read(data)
    feedback = root if root.name == "feedback" else root.first("feedback")
    if not feedback.name:
        raise NoReport(f"its root is <{root.name[:40]}>, and not <feedback>")
    about, published = feedback.first("report_metadata"), feedback.first("policy_published")
    domain = name(published.value("domain"))
    if not domain:
        raise Malformed("it does not say which domain it is about")
    dates = about.first("date_range")
    begin, end = period(dates.value("begin"), dates.value("end"), now)
    rows = rows_of(feedback.every("record"))
    if not rows:
        raise Malformed("it has no record with a count")
    return DmarcReport(
        id=about.value("report_id") or hashlib.sha256(data).hexdigest(),
        domain=domain,
        begin=begin,
        end=end,
        organisation=about.value("org_name"),
        contact=about.value("email"),
        policy=policy(published),
        rows=rows,
    )


def policy(published: Element) -> Policy:
    percent = published.value("pct")
    written = {key: published.value(key).lower() for key in ("p", "sp", "testing", "t")}
    return Policy(
        policy=written["p"] if written["p"] in POLICIES else "none",
        subdomains=written["sp"] if written["sp"] in POLICIES else "",
        percent=int(percent) if percent.isascii() and percent.isdigit() and len(percent) < 4 else 100,
        testing="y" in (written["testing"], written["t"]),
    )


def rows_of(records: Iterable[Element]) -> tuple[Row, ...]:
    """Records that say the same are one row, the largest first."""
    counted: Counter[Row] = Counter()
    for record in records:
        row = row_of(record)
        counted[replace(row, count=0)] += row.count
    return tuple(replace(row, count=min(count, limits.COUNT)) for row, count in counted.most_common() if count)


def row_of(record: Element) -> Row:
    row = record.first("row")
    evaluated = row.first("policy_evaluated")
    results = record.first("auth_results")
    count = NUMBER.fullmatch(row.value("count"))
    done = evaluated.value("disposition").lower()
    return Row(
        source=address(row.value("source_ip")),
        count=int(count[0]) if count else 0,
        disposition=done if done in DISPOSITIONS else "",
        dkim=evaluated.value("dkim").lower() == "pass",
        spf=evaluated.value("spf").lower() == "pass",
        header_from=name(record.first("identifiers", "identities").value("header_from")),
        signatures=tuple(
            (name(found.value("domain")), name(found.value("selector")), result(found))
            for found in [*results.every("dkim")][: limits.RESULTS]
            if found.value("domain")
        ),
        envelope=tuple(
            (name(found.value("domain")), result(found))
            for found in [*results.every("spf")][: limits.RESULTS]
            if found.value("domain")
        ),
        overrides=tuple(dict.fromkeys(map(override, [*evaluated.every("reason")][: limits.RESULTS]))),
    )


def result(found: Element) -> str:
    """`hardfail` is what some receivers call SPF's fail."""
    written = found.value("result").lower()[:20]
    return "fail" if written == "hardfail" else written


def override(reason: Element) -> str:
    return "arc" if ARC.search(reason.value("comment")) else reason.value("type").lower()[:30] or "other"


def name(written: str) -> str:
    return written.lower().rstrip(".")[:NAME]


def address(written: str) -> str:
    """An IP address in its one form; empty for anything else, as receivers that hide it write."""
    try:
        found = ipaddress.ip_address(written)
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)
