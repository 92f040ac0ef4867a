"""Who sends mail in a domain's name, by the DMARC reports on it: from where, how it passes, and what that looks like.

A report says what passed, not who it was. What a source is called here is a guess by these rules, for the mails of it
that did not pass DMARC; the first that fits:

    ours        SPF or DKIM passes for the domain, for one below it, or for amazonses.com, and is not aligned: mail that
                goes through SES takes a verified identity, so it is yours, set up in part
    forwarded   the receiver says so (a list, a forwarder, a chain that it trusts); or the signature is by a key of the
                domain that passes elsewhere; or other mails from the same address do pass by DKIM
    service     SPF or DKIM passes for another domain: a service that sends for you without your DKIM, or a stranger
                who signs with a domain of their own
    unknown     nothing passes, from the same address on DAYS days: a server of yours that nobody set up, perhaps
    spoofed     nothing passes
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lambdas.shared.outbox.senders import holder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from lambdas.shared.aggregates.report import Row

PASSES, OURS, FORWARDED, SERVICE, UNKNOWN, SPOOFED = ("passes", "ours", "forwarded", "service", "unknown", "spoofed")
SES = "amazonses.com"
FORWARDING = {"forwarded", "mailing_list", "trusted_forwarder", "arc"}
DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A row of a report, and the day its period began."""

    day: str
    row: Row


@dataclass(kw_only=True)
class Source:
    """The mails from an address, which is empty for those that reports give none of. `failed` are the mails of each
    kind that did not pass, `names` the domains they passed for, and `through` those by which the others did."""

    address: str
    mails: int = 0
    passed: int = 0
    dkim: int = 0
    spf: int = 0
    stopped: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    through: Counter[str] = field(default_factory=Counter)
    days: set[str] = field(default_factory=set)

    @property
    def kind(self) -> str:
        """That of most of its mails that failed."""
        return self.failed.most_common(1)[0][0] if self.failed else PASSES


def sources(seen: Iterable[Seen], domain: str) -> list[Source]:
    """Those of a domain, the one with the most mails first."""
    rows = list(seen)
    keys = own_keys(rows, domain)
    found: dict[str, Source] = {}
    for one in rows:
        add(found.setdefault(one.row.source, Source(address=one.row.source)), one, domain, keys)
    for source in found.values():
        look_again(source)
    return sorted(found.values(), key=lambda source: (-source.mails, source.address))


def own_keys(rows: Iterable[Seen], domain: str) -> set[tuple[str, str]]:
    """(domain, selector) of the keys that mails in the domain's name passed DMARC by."""
    return {
        (name, selector)
        for one in rows
        if one.row.dkim
        for name, selector, result in one.row.signatures
        if result == "pass" and holder([domain], name)
    }


def add(source: Source, one: Seen, domain: str, keys: Collection[tuple[str, str]]) -> None:
    row = one.row
    source.days.add(one.day)
    source.mails += row.count
    source.dkim += row.count * row.dkim
    source.spf += row.count * row.spf
    source.stopped += row.count * (row.disposition in ("quarantine", "reject"))
    names = dict.fromkeys(passing(row))
    if row.passed:
        source.passed += row.count
        source.through.update(dict.fromkeys(names, row.count))
    else:
        source.failed[kind(row, domain, keys)] += row.count
        source.names.update(dict.fromkeys(names, row.count))


def kind(row: Row, domain: str, keys: Collection[tuple[str, str]]) -> str:
    names = list(passing(row))
    if any(holder([domain], name) or holder([SES], name) for name in names):
        return OURS
    if FORWARDING & {*row.overrides} or any(signature[:2] in keys for signature in row.signatures):
        return FORWARDED
    return SERVICE if names else SPOOFED


def look_again(source: Source) -> None:
    """What failed without a sign of its own is judged by the rest that came from the address."""
    if not source.address or SPOOFED not in source.failed:
        return
    if source.dkim:
        source.failed[FORWARDED] += source.failed.pop(SPOOFED)
    elif len(source.days) >= DAYS:
        source.failed[UNKNOWN] += source.failed.pop(SPOOFED)


def passing(row: Row) -> Iterator[str]:
    """The domains that a row's mails passed SPF or DKIM for."""
    yield from (name for name, _, result in row.signatures if result == "pass")
    yield from (name for name, result in row.envelope if result == "pass")
