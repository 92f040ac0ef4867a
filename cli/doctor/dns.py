"""The DNS records as `mailroom dns` judges them: a line for each that is not as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cli.dns.finding import PRESENT, UNKNOWN
from cli.dns.judge import judge
from cli.dns.keys import Keys, of_identities
from cli.doctor.line import ERROR, WARNING, Line, ok, warning
from cli.doctor.refusal import refused
from infra.records import wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.dns.answer import LookUp
    from cli.dns.finding import Finding
    from cli.doctor.case import Case
    from infra.settings import Settings

# Without these mail goes out and comes in all the same.
OPTIONAL = {"report_authorization", "tls_rpt", "mta_sts"}
NOT_ASKED = "not looked at: on this laptop nothing depends on the DNS"
ASK = "MAILROOM_DNS=ADDRESS:PORT has it looked at all the same"


def dns(case: Case) -> Iterator[Line]:
    settings = case.settings
    try:
        known = of_identities(case.there, [domain.name for domain in settings.domains])
    except ClientError as failed:
        yield refused("dns", failed)
        known = Keys(records={}, lacking={}, laptop=False)
    if case.look_up:
        yield from records(settings, known, case.look_up, deployed=case.deployed("Identity"))
    else:
        yield warning("dns", NOT_ASKED, ASK)


def records(settings: Settings, known: Keys, look_up: LookUp, *, deployed: bool) -> Iterator[Line]:
    """`known` are the records of the keys. Before a deployment nothing depends on a record yet."""
    findings = judge(wanted(settings, known.records), look_up)
    bad = [finding for finding in findings if finding.state != PRESENT]
    for domain, why in known.lacking.items():
        yield warning("dns", f"{domain}: the records of its keys are not known: {why}", deployment(settings))
    for finding in bad:
        yield told(settings, finding, deployed=deployed)
    if findings and not bad:
        yield ok("dns", f"{len(findings)} records are as they should be")


def told(settings: Settings, finding: Finding, *, deployed: bool) -> Line:
    record = finding.record
    there = f"; there is {', '.join(finding.found)}" if finding.found else ""
    graver = deployed and record.purpose not in OPTIONAL and finding.state != UNKNOWN
    return Line(
        check="dns",
        level=ERROR if graver else WARNING,
        said=f"{record.name} {record.type} is {finding.state}{there}: it should be {finding.should_be}. {finding.said}",
        mend=mend(settings, record.domain),
    )


def mend(settings: Settings, domain: str) -> str:
    show = f"`mailroom --stage {settings.stage} dns --zone`"
    hosted = any(known.hosted_zone for known in settings.domains if known.name == domain)
    return f"{deployment(settings)} makes it in the hosted zone" if hosted else f"{show} prints the records to add"


def deployment(settings: Settings) -> str:
    return f"`make deploy STAGE={settings.stage}`"
