"""Aggregate reports, as values: what a receiver saw of mail in a domain's name (DMARC: RFC 7489 and RFC 9990), or what
a sender saw of the TLS of a domain's servers (RFC 8460). `table.py` keeps them.

Unreadable in one of these ways, each with its reason:

NoAggregate
├── NoReport      XML or JSON of another kind; beside a report no fault of the mail's
├── TooLarge      more than is read, packed or unpacked
├── Malformed     it begins as a report, and cannot be read as one
└── NotOurs       a report on a domain that is none of the stage's
"""

from __future__ import annotations

from dataclasses import dataclass

DMARC, TLS = "dmarc", "tls"
WEAKER = {"reject": "quarantine", "quarantine": "none", "none": "none"}


class NoAggregate(Exception):
    pass


class NoReport(NoAggregate):
    pass


class TooLarge(NoAggregate):
    pass


class Malformed(NoAggregate):
    pass


class NotOurs(NoAggregate):
    pass


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who sent a report. `organisation` and `contact` are what the report says of itself; `domain` is the one for which
    the mail was authenticated, empty for none: anybody may write a report that says anything. The verdicts are SES's;
    `mail` is SES's id of the mail."""

    organisation: str
    contact: str
    domain: str
    spf: str
    dkim: str
    dmarc: str
    mail: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """So many mails of one kind. `source` is the IP address that they came from, empty where the report names none;
    `dkim` and `spf` whether these passed for the domain in From, or one of its organisation (aligned). `signatures` are
    (domain, selector, result) of each, `envelope` (domain, result) of SPF: as checked, aligned or not. `overrides` are
    why the policy was not applied."""

    source: str
    count: int
    disposition: str
    dkim: bool
    spf: bool
    header_from: str
    signatures: tuple[tuple[str, str, str], ...] = ()
    envelope: tuple[tuple[str, str], ...] = ()
    overrides: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return self.dkim or self.spf


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The DMARC record that the receiver found. `percent` is of RFC 7489, `testing` of RFC 9989, which has it in place
    of the other."""

    policy: str
    subdomains: str = ""
    percent: int = 100
    testing: bool = False

    @property
    def in_force(self) -> str:
        """The policy that all mail of the domain is under: a share (RFC 7489 section 6.6.4) and a test (RFC 9989
        section 4.7) leave the rest to the next weaker one."""
        return self.policy if self.percent == 100 and not self.testing else WEAKER[self.policy]


@dataclass(frozen=True, kw_only=True)
class DmarcReport:
    """`begin` and `end` are ISO 8601 in UTC. `domain` is the one whose DMARC record was found."""

    id: str
    domain: str
    begin: str
    end: str
    organisation: str
    contact: str
    policy: Policy
    rows: tuple[Row, ...]

    kind = DMARC


@dataclass(frozen=True, kw_only=True)
class Failure:
    """So many sessions that failed for one reason (`result`, RFC 8460 section 4.3)."""

    result: str
    count: int
    mx: str = ""
    source: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class TlsPolicy:
    """What was seen of one policy of the domain: `type` is sts, tlsa or no-policy-found, `mode` MTA-STS's."""

    type: str
    mode: str
    succeeded: int
    failed: int
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TlsReport:
    id: str
    domain: str
    begin: str
    end: str
    organisation: str
    contact: str
    policies: tuple[TlsPolicy, ...]

    kind = TLS


Report = DmarcReport | TlsReport
