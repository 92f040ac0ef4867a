"""The DNS records as `mailroom dns` judges them: a line for each that is not as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cli.dns.finding import PRESENT, UNKNOWN
from cli.dns.judge import judge
from cli.dns.keys import Keys, of_identities
from cli.doctor.line import ERROR, WARNING, Line, ok, warning
from cli.doctor.refusal import refused
from cli.hint import hint
from infra.records import wanted
from infra.settings_domains import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.dns.finding import Finding
    from cli.doctor.case import Case
    from cli.doctor.names import Names
    from infra.settings import Settings

UNKNOWN_KEYS = Keys(records={}, lacking={}, laptop=False)
# Without these mail goes out and comes in all the same.
OPTIONAL = {"report_authorization", "tls_rpt", "mta_sts"}
ASK = "MAILROOM_DNS=ADDRESS:PORT names a resolver"


def dns(case: Case) -> Iterator[Line]:
    settings = case.settings
    try:
        known = of_identities(case.deployment, settings)
    except ClientError as failed:
        yield refused("dns", failed)
        known = UNKNOWN_KEYS
    yield from records(settings, known, case.names, deployed=case.deployed("Identity"))


def records(settings: Settings, known: Keys, names: Names, *, deployed: bool) -> Iterator[Line]:
    """`known` are the records of the keys. Before a deployment nothing depends on a record yet."""
    if names.look_up is None:
        yield warning("dns", f"not looked at: {names.why}", ASK)
        return
    needed = list(wanted(settings, known.records))
    names.ahead(needed)
    findings = judge(needed, names.look_up)
    unknown = [finding for finding in findings if finding.state == UNKNOWN]
    bad = [finding for finding in findings if finding.state not in (PRESENT, UNKNOWN)]
    for domain, why in known.lacking.items():
        yield warning("dns", f"{domain}: the records of its keys are not known: {why}", keys_of(settings, domain))
    for why in dict.fromkeys(finding.said for finding in unknown):
        unasked = [finding.record.name for finding in unknown if finding.said == why]
        yield warning("dns", f"{why} So of {', '.join(dict.fromkeys(unasked))}", f"say it again later; {ASK}")
    for finding in bad:
        if command := known.waiting.get(finding.record.name):
            yield of_waiting(settings, finding, command)
        else:
            yield told(settings, finding, deployed=deployed)
    if findings and not bad and not unknown:
        yield ok("dns", f"{len(findings)} records are as they should be")


def of_waiting(settings: Settings, finding: Finding, command: str) -> Line:
    """Of a key that is next: mail flows, signed with another. `command` shows or makes the record."""
    hosted = in_hosted_zone(settings, finding.record.domain)
    does = "makes it in the hosted zone" if hosted else "shows it, to be added to the DNS"
    return warning("dns", f"{said_of(finding)} Nothing is signed with this key yet.", f"{command} {does}")


def told(settings: Settings, finding: Finding, *, deployed: bool) -> Line:
    record = finding.record
    graver = deployed and record.purpose not in OPTIONAL
    return Line(
        check="dns",
        level=ERROR if graver else WARNING,
        said=said_of(finding),
        mend=mend(settings, record.domain, deployed=deployed),
    )


def said_of(finding: Finding) -> str:
    record = finding.record
    there = f"; there is {', '.join(finding.found)}" if finding.found else ""
    return f"{record.name} {record.type} is {finding.state}{there}: it should be {finding.should_be}. {finding.said}"


def mend(settings: Settings, domain: str, *, deployed: bool) -> str:
    """A deployment makes the records of a hosted zone, and does not see what became of them."""
    if not deployed and in_hosted_zone(settings, domain):
        return f"{deployment(settings)} makes it in the hosted zone"
    return f"{hint(settings.stage, 'dns --zone')} prints what to publish"


def in_hosted_zone(settings: Settings, domain: str) -> bool:
    return any(known.hosted_zone for known in settings.domains if known.name == domain)


def keys_of(settings: Settings, domain: str) -> str:
    """What makes a domain's keys known: SES makes its own with the identity, an own key takes two steps."""
    own = any(known.dkim == OWN for known in settings.domains if known.name == domain)
    return "docs/domains.md#a-key-of-your-own" if own else deployment(settings)


def deployment(settings: Settings) -> str:
    return f"`make deploy STAGE={settings.stage}`"
