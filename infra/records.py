"""Which DNS records a stage wants, each once: the Identity stack makes them, and the command looks them up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra import settings_mta_sts, settings_reports
from infra.settings_domains import nearest
from infra.settings_standby import in_standby

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from infra.settings import Settings
    from infra.settings_domains import Domain


TTL = 1800  # seconds, of each


@dataclass(frozen=True, kw_only=True)
class Record:
    """`id` is part of a CloudFormation logical id, unique within the stage; `domain` the domain of the stage that the
    record is for; `name` has no dot at its end; `value` is as zone files have it, such as
    `10 feedback-smtp.eu-west-1.amazonses.com` or `"v=spf1 include:amazonses.com ~all"` with its quotes."""

    id: str
    domain: str
    name: str
    type: str
    value: str
    purpose: str


def wanted(settings: Settings, dkim: Mapping[str, Sequence[tuple[str, str, str]]]) -> Iterator[Record]:
    """`dkim` has, by domain, name, type and value of each record with a key: tokens of the CDK in the Identity stack,
    in the command what SES says."""
    for domain in settings.domains:
        for part, name, kind, value, purpose in _of(settings, domain, dkim.get(domain.name, ())):
            own_id = prefix(settings, domain) + part
            yield Record(id=own_id, domain=domain.name, name=name, type=kind, value=value, purpose=purpose)


def prefix(settings: Settings, domain: Domain) -> str:
    """What the logical ids of a domain's resources begin with: nothing for the first, whose they were before there
    could be others. Names have no capitals, so no two domains get the same."""
    return "" if domain.name == settings.domain else domain.name.replace(".", "Dot").replace("-", "Dash")


def _of(
    settings: Settings, domain: Domain, dkim: Sequence[tuple[str, str, str]]
) -> Iterator[tuple[str, str, str, str, str]]:
    """What follows the prefix in its id, name, type, value, purpose."""
    for number, record in enumerate(dkim, start=1):
        yield f"Dkim{number}", *record, "dkim"
    yield from _mail_from(domain, settings.region)
    if settings.standby:
        elsewhere = in_standby(settings, settings.standby).domains
        [there] = (other for other in elsewhere if other.name == domain.name)
        yield from _mail_from(there, settings.standby.region, part="Standby")
    if settings.first_region:
        return  # the others name the first region, or none
    yield "Dmarc", f"_dmarc.{domain.name}", "TXT", settings_reports.dmarc(settings, domain), "dmarc"
    tracking = settings.tracking
    if tracking.domain and nearest(settings.domains, tracking.domain) == domain:
        # Where SES waits for opens and clicks (developer guide, configure-custom-open-click-domains).
        yield "Tracking", tracking.domain, "CNAME", tracking.cdn or f"r.{settings.region}.awstrack.me", "tracking"
    yield from _receiving(settings, domain)
    yield from _reports(settings, domain)


def _mail_from(domain: Domain, region: str, *, part: str = "") -> Iterator[tuple[str, str, str, str, str]]:
    bounces = f"10 feedback-smtp.{region}.amazonses.com"
    yield f"{part}MailFromMx", domain.mail_from_domain, "MX", bounces, "mail_from_mx"
    spf = '"v=spf1 include:amazonses.com ~all"'
    yield f"{part}MailFromSpf", domain.mail_from_domain, "TXT", spf, "mail_from_spf"


def _receiving(settings: Settings, domain: Domain) -> Iterator[tuple[str, str, str, str, str]]:
    receiving = (name for name in settings.receiving_domains if nearest(settings.domains, name) == domain)
    for number, name in enumerate(receiving, start=1):
        yield f"InboundMx{number}", name, "MX", f"10 inbound-smtp.{settings.region}.amazonaws.com", "inbound_mx"
        for policy in settings_mta_sts.records(settings, name):
            yield f"MtaSts{number}", *policy
        for wanting in settings_reports.tls(settings, name):
            yield f"TlsReports{number}", *wanting


def _reports(settings: Settings, domain: Domain) -> Iterator[tuple[str, str, str, str, str]]:
    """Where reports on other domains come to this one."""
    for other in settings.domains if nearest(settings.domains, settings.reports or "") == domain else ():
        for agreed in settings_reports.authorization(settings, other):
            yield f"ReportAuthorization{prefix(settings, other)}", *agreed
