"""A TLS report of its JSON (RFC 8460 section 4.4), with what senders leave out."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from lambdas.shared.aggregates import limits
from lambdas.shared.aggregates.dmarc import address, name
from lambdas.shared.aggregates.elements import text
from lambdas.shared.aggregates.period import period
from lambdas.shared.aggregates.report import Failure, Malformed, NoReport, TlsPolicy, TlsReport, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


def read(data: bytes, named: str, now: datetime) -> list[TlsReport]:
    """The reports that a document is, one for each domain. `named` is the domain of the mail's field TLS-Report-Domain:
    some reports leave it out where no policy was found. NoReport, Malformed,
    TooLarge."""
    if len(data) > limits.JSON:
        raise TooLarge(f"{len(data)} bytes of JSON; {limits.JSON} at most are read")
    try:
        given = json.loads(text(data))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"no JSON: {error}") from None
    if not isinstance(given, dict) or not isinstance(given.get("policies"), list):
        raise NoReport("JSON that is no TLS report: it has no list of policies")
    if len(given["policies"]) > limits.POLICIES:
        raise TooLarge(f"{len(given['policies'])} policies; {limits.POLICIES} at most are read")
    dates = part(given, "date-range")
    begin, end = period(value(dates, "start-datetime"), value(dates, "end-datetime"), now)
    found: dict[str, list[TlsPolicy]] = {}
    for policy in objects(given, "policies"):
        found.setdefault(name(value(part(policy, "policy"), "policy-domain")) or name(named), []).append(seen(policy))
    if not found or "" in found:
        raise Malformed("it does not say which domain it is about")
    return [
        TlsReport(
            id=value(given, "report-id") or hashlib.sha256(data).hexdigest(),
            domain=domain,
            begin=begin,
            end=end,
            organisation=value(given, "organization-name"),
            contact=value(given, "contact-info"),
            policies=tuple(policies),
        )
        for domain, policies in found.items()
    ]


def seen(policy: dict[str, Any]) -> TlsPolicy:
    said, summary = part(policy, "policy"), part(policy, "summary")
    lines = said.get("policy-string")
    return TlsPolicy(
        type=value(said, "policy-type").lower() or "no-policy-found",
        mode=mode(lines if isinstance(lines, list) else [lines]),
        succeeded=count(summary, "total-successful-session-count"),
        failed=count(summary, "total-failure-session-count"),
        failures=tuple(map(failure, list(objects(policy, "failure-details"))[: limits.FAILURES])),
    )


def mode(lines: list[Any]) -> str:
    """MTA-STS's mode, of the policy's lines (RFC 8461 section 3.2)."""
    for line in lines[:50]:
        key, _, said = one_line(line).partition(":")
        if key.strip().lower() == "mode":
            return said.strip().lower()[:20]
    return ""


def failure(given: dict[str, Any]) -> Failure:
    return Failure(
        result=value(given, "result-type").lower()[:60] or "unknown",
        count=count(given, "failed-session-count"),
        mx=name(value(given, "receiving-mx-hostname")),
        source=address(value(given, "sending-mta-ip")),
        reason=value(given, "failure-reason-code"),
    )


def part(given: dict[str, Any], key: str) -> dict[str, Any]:
    found = given.get(key)
    return found if isinstance(found, dict) else {}


def objects(given: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    found = given.get(key)
    return (item for item in found if isinstance(item, dict)) if isinstance(found, list) else iter(())


def value(given: dict[str, Any], key: str) -> str:
    return one_line(given.get(key))


def one_line(found: object) -> str:
    """A text on one line; empty for anything else. JSON can spell half of a character, which no table takes."""
    return " ".join(found[: limits.TEXT].encode("utf-8", "replace").decode().split()) if isinstance(found, str) else ""


def count(given: dict[str, Any], key: str) -> int:
    """Numbers, and numbers as texts; anything else is none."""
    found = given.get(key)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 13:
        found = int(found)
    return min(max(found, 0), limits.COUNT) if type(found) is int else 0
