"""The reports on a domain that are in the table, as the command looks at them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cli.deployment import CommandFailed
from cli.dmarc.advice import WINDOW, advise
from cli.dmarc.sources import Seen, Source, sources
from cli.settings import settings_of
from lambdas.shared.aggregates.report import Policy
from lambdas.shared.aggregates.table import Reports
from lambdas.shared.outbox.senders import holder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cli.deployment import Deployment
    from cli.dmarc.advice import Advice
    from lambdas.shared.aggregates.report import DmarcReport, Sender


@dataclass(frozen=True, kw_only=True)
class Left:
    """Reports that nothing vouches for, which do not count: anybody may have sent them."""

    reports: int = 0
    mails: int = 0


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What the reports on a domain say that are authenticated. `policy` is what the latest found; `in_force` is by day;
    `reporters` are mails by the domain that sent the report, and the names that it goes by. `asked`: the stage wants
    reports."""

    domain: str
    since: str
    asked: bool = True
    reports: int = 0
    rows: tuple[Seen, ...] = ()
    policy: Policy = field(default_factory=lambda: Policy(policy="none"))
    in_force: dict[str, str] = field(default_factory=dict)
    reporters: Counter[tuple[str, str]] = field(default_factory=Counter)
    sources: tuple[Source, ...] = ()
    left: Left = field(default_factory=Left)


def gather(domain: str, since: str, found: Iterable[tuple[DmarcReport, Sender]], *, asked: bool = True) -> Gathered:
    """Of the reports on a domain and what is below it, those on the domain itself, the oldest first."""
    about = [(report, sender) for report, sender in found if report.domain == domain]
    about.sort(key=lambda pair: (pair[0].begin, pair[0].end))  # the table has those of a day in any order
    believed = [(report, sender) for report, sender in about if sender.domain]
    left = [report for report, sender in about if not sender.domain]
    rows = tuple(Seen(day=report.begin[:10], row=row) for report, _ in believed for row in report.rows)
    reporters: Counter[tuple[str, str]] = Counter()
    for report, sender in believed:
        reporters[sender.domain, report.organisation] += sum(row.count for row in report.rows)
    return Gathered(
        domain=domain,
        since=since,
        asked=asked,
        reports=len(believed),
        rows=rows,
        policy=believed[-1][0].policy if believed else Policy(policy="none"),
        in_force={report.begin[:10]: report.policy.in_force for report, _ in believed},
        reporters=reporters,
        sources=tuple(sources(rows, domain)),
        left=Left(reports=len(left), mails=sum(row.count for report in left for row in report.rows)),
    )


def read(deployment: Deployment, domain: str, since: str) -> Gathered:
    """Of the stage's table, from this day on. CommandFailed for a domain that is none of the stage's."""
    found = Reports(deployment.table("ReportsTable")).dmarc(home_of(deployment, domain), since)
    return gather(domain, since, found, asked=bool(settings_of(deployment.stage).reports))


def advice(deployment: Deployment, domain: str) -> Advice:
    """What to do next about a domain's DMARC policy, by the reports on it that have come."""
    return advise(read(deployment, domain, days_ago(WINDOW)))


def days_ago(days: int) -> str:
    """The first of so many days, of which today is the last."""
    return (datetime.now(UTC).date() - timedelta(days=days - 1)).isoformat()


def domains(deployment: Deployment) -> list[str]:
    """The stage's, the first one first."""
    return [domain.name for domain in settings_of(deployment.stage).domains]


def home_of(deployment: Deployment, domain: str) -> str:
    """The domain of the stage that this one is, or is below. CommandFailed."""
    ours = domains(deployment)
    found = holder(ours, domain)
    if not found:
        names = ", ".join(ours) or "none, for it sends from one address"
        raise CommandFailed(f"{domain} is no domain of stage {deployment.stage}, nor below one: these are {names}.")
    return found
