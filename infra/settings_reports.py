"""The setting `reports`: the address that DMARC and TLS reports on the stage's domains are sent to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra.settings_domains import nearest
from infra.settings_texts import address
from lambdas.shared.outbox.senders import holder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.settings import Settings
    from infra.settings_domains import Domain


def reports(value: object) -> str:
    found = address(value).lower()
    if "+" in found:
        raise ValueError("must be without a +label: the address receives all its labels")
    return found


def environment(settings: Settings) -> str:
    """The variable REPORTS, which lambdas/inbound/aggregate.py reads."""
    return json.dumps({"address": settings.reports or "", "domains": [domain.name for domain in settings.domains]})


def dmarc(settings: Settings, domain: Domain) -> str:
    """The value of a domain's DMARC record."""
    asked = f"; rua=mailto:{settings.reports}" if settings.reports else ""
    return f'"v=DMARC1; p={domain.dmarc}{asked}"'


def authorization(settings: Settings, domain: Domain) -> Iterator[tuple[str, str, str, str]]:
    """Name, type, value and purpose of the record by which the domain of `reports` agrees to get those on this one.
    None is needed where both are below one domain of the stage, and so of one organisation (RFC 7489 section 7.1, RFC
    9990 section 4)."""
    host = _host(settings)
    names = [above.name for above in settings.domains]
    if host and not any(holder([name], host) and holder([name], domain.name) for name in names):
        yield f"{domain.name}._report._dmarc.{host}", "TXT", '"v=DMARC1"', "report_authorization"


def tls(settings: Settings, receiving: str) -> Iterator[tuple[str, str, str, str]]:
    """The record that asks for TLS reports on a domain that receives (RFC 8460 section 3)."""
    if settings.reports:
        yield f"_smtp._tls.{receiving}", "TXT", f'"v=TLSRPTv1; rua=mailto:{settings.reports}"', "tls_rpt"


def _host(settings: Settings) -> str:
    return (settings.reports or "").partition("@")[2]


def _received(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    given = settings.reports
    if not given or not settings.domains:
        return
    if nearest(settings.domains, given) is None:
        names = " or ".join(domain.name for domain in settings.domains)
        yield f"reports: {given} is not of {names}; use an address of a domain here or below it"
    if not settings.mailboxes:
        host = _host(settings)
        yield (
            f"reports: needs `mailboxes`: whoever receives mail for {host} reads postmaster@{host} too (RFC 5321 "
            f'section 4.5.1); add {{"name": "Postmaster", "address": "postmaster@{host}"}}'
        )
    if given in {mailbox.address for mailbox in settings.mailboxes}:
        yield f"reports: {given} is a mailbox, whose mail becomes tickets; use another address"


RULES = (_received,)
