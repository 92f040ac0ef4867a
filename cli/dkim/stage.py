"""Which domains of a stage have keys of their own, and where those are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.deployment import CommandFailed, NotDeployed
from cli.dkim.keys import Keys
from infra.records import prefix
from infra.settings_domains import OWN
from lambdas.shared.timestamps import now

if TYPE_CHECKING:
    from cli.deployment import Deployment
    from infra.settings import Settings
    from infra.settings_domains import Domain


def domain_of(settings: Settings, name: str) -> Domain:
    """The one with keys of its own; CommandFailed says what is in the way."""
    domains = {domain.name: domain for domain in settings.domains}
    known = ", ".join(domains) or "none: it sends from one address"
    if name.lower() not in domains:
        raise CommandFailed(f"Stage {settings.stage} has no domain {name}. Its domains are: {known}.")
    domain = domains[name.lower()]
    if domain.dkim != OWN:
        raise CommandFailed(
            f"SES makes the keys of {domain.name}, and changes them by itself. To make them yourself, set its `dkim` "
            f'to "{OWN}" in cdk.json and deploy the stage.'
        )
    return domain


def keys_of(deployment: Deployment, settings: Settings, domain: Domain) -> Keys:
    try:
        secret = deployment.output(f"{prefix(settings, domain)}DkimSecret")
    except NotDeployed:
        raise NotDeployed(
            f"The stage has no secret yet for a key of {domain.name}: "
            f"`cdk deploy Mailroom-{settings.stage}-Identity --context stage={settings.stage}` makes it."
        ) from None
    return Keys(
        secrets=deployment.client("secretsmanager"),
        ses=deployment.client("sesv2"),
        domain=domain.name,
        secret=secret,
        now=now,
    )
