"""The DNS records of the keys that SES signs with. It makes the names of its own, so these are known once it has the
domain; what `mailroom dkim` made is in the stage's secret."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cli.deployment import LAPTOP_ACCOUNT, AwsFailed, NotDeployed, NothingRunning, NotSignedIn, explained, find
from cli.dkim.keys import FOUND, OURS
from cli.dkim.records import KeyRecords, own_records
from infra.settings_domains import EASY

if TYPE_CHECKING:
    from cli.deployment import Deployment
    from infra.settings import Settings
    from infra.settings_domains import Domain

NOT_KNOWN = (NotDeployed, NothingRunning, NotSignedIn, AwsFailed)
NOT_OURS = 'SES signs with a key of your own, selector {}, and the setting `dkim` of the domain is not "own".'
HOSTED_ZONE = "dkim.amazonses.com"  # of the older regions; SES says which it is (SigningHostedZone)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """`records`: by domain, name, type and value of each; `lacking`: by domain, why its records are not known. On the
    `laptop` are keys, and no domain of the internet. `deployment` is who was asked, if the stage is deployed. `waiting`
    is KeyRecords', of all domains."""

    records: dict[str, list[tuple[str, str, str]]]
    lacking: dict[str, str]
    laptop: bool
    deployment: Deployment | None = None
    waiting: dict[str, str] = field(default_factory=dict)


def keys(stage: str, settings: Settings) -> Keys:
    """Asks SES, where the stage is deployed. Whatever is in the way is told, and no reason to leave out the rest."""
    domains = [domain.name for domain in settings.domains]
    laptop = settings.account == LAPTOP_ACCOUNT
    try:
        with explained(stage):
            deployment = find(stage)
        with explained(stage, deployment.running):
            return of_identities(deployment, settings)
    except NotDeployed:
        return Keys(records={}, lacking=dict.fromkeys(domains, to_deploy(stage)), laptop=laptop)
    except NOT_KNOWN as why:
        return Keys(records={}, lacking=dict.fromkeys(domains, why.message), laptop=laptop)


def of_identities(deployment: Deployment, settings: Settings) -> Keys:
    ses = deployment.client("sesv2")
    records: dict[str, list[tuple[str, str, str]]] = {}
    lacking: dict[str, str] = {}
    waiting: dict[str, str] = {}
    for domain in settings.domains:
        try:
            dkim = ses.get_email_identity(EmailIdentity=domain.name)["DkimAttributes"]
        except ses.exceptions.NotFoundException:
            lacking[domain.name] = to_deploy(deployment.stage)
            continue
        found = of_identity(deployment, settings, domain, dkim)
        records[domain.name] = found.records
        waiting |= found.waiting
        if found.lacking:
            lacking[domain.name] = found.lacking
    laptop = deployment.running is not None
    return Keys(records=records, lacking=lacking, laptop=laptop, deployment=deployment, waiting=waiting)


def of_identity(deployment: Deployment, settings: Settings, domain: Domain, dkim: dict[str, Any]) -> KeyRecords:
    """Until SES signs with a key of ours its own are needed, too."""
    ours = dkim.get("SigningAttributesOrigin") == OURS
    if domain.dkim == EASY:
        if ours:
            return KeyRecords(records=[], lacking=NOT_OURS.format(", ".join(dkim.get("Tokens", []))))
        return KeyRecords(records=cnames(domain.name, dkim))
    still = cnames(domain.name, dkim) if not ours and dkim.get("Status") == FOUND else []
    own = own_records(deployment, settings, domain, dkim)
    return replace(own, records=still + own.records)


def cnames(domain: str, dkim: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Of Easy DKIM (developer guide, send-email-authentication-dkim-easy)."""
    zone = dkim.get("SigningHostedZone", HOSTED_ZONE)
    return [(f"{token}._domainkey.{domain}", "CNAME", f"{token}.{zone}") for token in dkim.get("Tokens", [])]


def to_deploy(stage: str) -> str:
    how = f"`cdk deploy Mailroom-{stage}-Identity --context stage={stage}`"
    return f"SES makes the keys with the identity: deploy that first ({how}), then look again."
