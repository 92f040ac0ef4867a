"""What to do next about DMARC, by the reports that have come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.deployment import CommandFailed, NotDeployed, explained
from cli.dmarc import gather
from cli.dns.dmarc import read
from cli.dns.finding import NOT_ASKED, PRESENT
from cli.hint import hint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cli.deployment import Deployment
    from cli.dns.finding import Finding

STRICTEST = "reject"


def advice(stage: str, deployment: Deployment | None, findings: Iterable[Finding]) -> Iterator[str]:
    """A sentence for each domain whose DMARC record is as the stage wants it. `deployment` is where its reports are."""
    for finding in findings:
        if finding.record.purpose == "dmarc" and finding.state in (PRESENT, NOT_ASKED):
            yield from by_reports(deployment, finding.record.domain) if deployment else without(stage, finding)


def by_reports(deployment: Deployment, domain: str) -> Iterator[str]:
    """What is in the way of reading the reports is told, and no reason to leave out the rest."""
    try:
        with explained(deployment.stage, deployment.running):
            yield gather.advice(deployment, domain).said
    except NotDeployed:
        yield f"Nobody keeps the DMARC reports on {domain} yet: the next deployment makes their table."
    except CommandFailed as why:
        yield f"The DMARC reports on {domain} cannot be read: {why.message}"


def without(stage: str, finding: Finding) -> Iterator[str]:
    policy = read(finding.should_be).policy
    if policy != STRICTEST:
        yield (
            f"{finding.record.domain} asks for p={policy}: once the stage is deployed and DMARC reports come, "
            f"{hint(stage, 'dmarc')} says when it is safe to ask for more."
        )
