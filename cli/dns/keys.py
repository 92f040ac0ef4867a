"""The DNS records of the keys that SES signs with: SES makes their names, so they are known once it has the domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.deployment import LAPTOP_ACCOUNT, AwsFailed, NotDeployed, NothingRunning, NotSignedIn, explained, find

if TYPE_CHECKING:
    from cli.deployment import Deployment
    from infra.settings import Settings

NOT_KNOWN = (NotDeployed, NothingRunning, NotSignedIn, AwsFailed)
OF_OUR_OWN = "EXTERNAL"
OWN = "SES signs with a key of your own, selector {}, and tells nobody its other half: `mailroom dkim` does."
HOSTED_ZONE = "dkim.amazonses.com"  # of the older regions; SES says which it is (SigningHostedZone)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """`records`: by domain, name, type and value of each; `lacking`: by domain, why its records are not known. On the
    `laptop` are keys, and no domain of the internet. `deployment` is who was asked, if the stage is deployed."""

    records: dict[str, list[tuple[str, str, str]]]
    lacking: dict[str, str]
    laptop: bool
    deployment: Deployment | None = None


def keys(stage: str, settings: Settings) -> Keys:
    """Asks SES, where the stage is deployed. Whatever is in the way is told, and no reason to leave out the rest."""
    domains = [domain.name for domain in settings.domains]
    laptop = settings.account == LAPTOP_ACCOUNT
    try:
        with explained(stage):
            deployment = find(stage)
        with explained(stage, deployment.running):
            return of_identities(deployment, domains)
    except NotDeployed:
        return Keys(records={}, lacking=dict.fromkeys(domains, to_deploy(stage)), laptop=laptop)
    except NOT_KNOWN as why:
        return Keys(records={}, lacking=dict.fromkeys(domains, why.message), laptop=laptop)


def of_identities(deployment: Deployment, domains: list[str]) -> Keys:
    ses = deployment.client("sesv2")
    records: dict[str, list[tuple[str, str, str]]] = {}
    lacking = {}
    for domain in domains:
        try:
            dkim = ses.get_email_identity(EmailIdentity=domain)["DkimAttributes"]
        except ses.exceptions.NotFoundException:
            lacking[domain] = to_deploy(deployment.stage)
            continue
        if dkim.get("SigningAttributesOrigin") == OF_OUR_OWN:
            lacking[domain] = OWN.format(", ".join(dkim.get("Tokens", [])))
        else:
            records[domain] = cnames(domain, dkim)
    return Keys(records=records, lacking=lacking, laptop=deployment.running is not None, deployment=deployment)


def cnames(domain: str, dkim: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Of Easy DKIM (developer guide, send-email-authentication-dkim-easy)."""
    zone = dkim.get("SigningHostedZone", HOSTED_ZONE)
    return [(f"{token}._domainkey.{domain}", "CNAME", f"{token}.{zone}") for token in dkim.get("Tokens", [])]


def to_deploy(stage: str) -> str:
    how = f"`cdk deploy Mailroom-{stage}-Identity --context stage={stage}`"
    return f"SES makes the keys with the identity: deploy that first ({how}), then look again."
