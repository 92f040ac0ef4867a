"""Mail to the address of the setting `reports`: DMARC and TLS reports are kept, and none becomes a ticket."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lambdas.inbound.thread import without_detail
from lambdas.shared.aggregates.report import Report, Sender
from lambdas.shared.outbox.senders import holder
from lambdas.shared.recipients import canonical
from lambdas.shared.tickets.ticket import Mailbox

if TYPE_CHECKING:
    from lambdas.inbound.notification import Received
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


@dataclass(frozen=True, kw_only=True)
class Aggregates:
    """`address` is empty where a stage wants no reports; `domains` are the stage's. `put` is Reports.put."""

    address: str
    domains: tuple[str, ...]
    put: Callable[[str, Report, Sender], bool]
    now: Callable[[], datetime]

    @classmethod
    def read(cls, text: str, put: Callable[[str, Report, Sender], bool], now: Callable[[], datetime]) -> Aggregates:
        """Of the JSON in the function's environment."""
        given = json.loads(text)
        return cls(address=given["address"], domains=tuple(given["domains"]), put=put, now=now)

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(name="Reports", address=self.address)

    def takes(self, received: Received) -> bool:
        return any(without_detail(canonical(recipient)) == self.address for recipient in received.recipients)

    def keep(self, received: Received, mail: Mail) -> Kept:
        from lambdas.shared.aggregates.read import read  # 5 ms of a cold start, and few mails are reports

        found = read(mail, self.domains, self.now())
        told = []
        for report in found.reports:
            home = holder(self.domains, report.domain) or report.domain
            new = self.put(home, report, sender(received, mail, report))
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
