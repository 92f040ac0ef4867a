"""Keeping the DMARC and TLS reports that a mail brings, each once, with who sent it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.shared.aggregates.read import read
from lambdas.shared.aggregates.report import Sender
from lambdas.shared.aggregates.table import Reports
from lambdas.shared.outbox.senders import holder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.inbound.notification import Received
    from lambdas.shared.aggregates.report import Report
    from lambdas.shared.mail.mail import Mail

NOTHING = "no report is in it: a file that is one begins as XML, JSON, gzip or zip does"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was kept of a mail's reports, a line each, and why others were not."""

    told: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def reason(self) -> str:
        return "; ".join((*self.faults, *self.told)) or NOTHING


def keep(received: Received, mail: Mail, table: Table, domains: Sequence[str], now: datetime) -> Kept:
    """Put the reports on these domains into the table."""
    reports, found = Reports(table), read(mail, domains, now)
    told = []
    for report in found.reports:
        home = holder(domains, report.domain) or report.domain
        new = reports.put(home, report, sender(received, mail, report))
        about = f"{report.kind.upper()} report of {report.organisation} on {report.domain}, {report.begin[:10]}"
        told.append(about if new else f"{about}: counted already")
    return Kept(told=tuple(told), faults=found.faults)


def sender(received: Received, mail: Mail, report: Report) -> Sender:
    return Sender(
        organisation=report.organisation,
        contact=report.contact,
        domain=authenticated(received, mail),
        spf=received.spf,
        dkim=received.dkim,
        dmarc=received.dmarc,
        mail=received.ses_id,
    )


def authenticated(received: Received, mail: Mail) -> str:
    """The domain that surely sent a mail: DMARC speaks for that of From (RFC 7489 section 3.1), SPF for that of the
    envelope (RFC 7208 section 2.4); DKIM for one that SES does not name. Empty for none."""
    if received.dmarc == "PASS" and mail.sender:
        return mail.sender.email.rpartition("@")[2].lower()
    if received.dmarc != "FAIL" and received.spf == "PASS":
        return received.source.rpartition("@")[2].lower()
    return ""
