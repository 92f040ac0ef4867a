"""The DNS records of a domain's own keys, which are known from its secret: SES has their private halves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.deployment import NotDeployed
from cli.dkim.keys import OURS
from cli.dkim.stage import keys_of

if TYPE_CHECKING:
    from cli.deployment import Deployment
    from infra.settings import Settings
    from infra.settings_domains import Domain

NONE_YET = "there is no key of your own yet: `mailroom dkim create {}` makes one."
FOREIGN = "SES signs with the key {}, which is not in the stage's secret: `mailroom dkim rotate {}` makes one that is."


def own_records(
    deployment: Deployment, settings: Settings, domain: Domain, dkim: dict[str, Any]
) -> tuple[list[tuple[str, str, str]], str | None]:
    """Name, type and value of each that must be there; and why one of them is not known, if so. `dkim` is what SES
    says."""
    try:
        keys = keys_of(deployment, settings, domain)
    except NotDeployed as why:
        return [], why.message
    held = keys.held()
    records = [key.record(domain.name) for key in held if key.needed(keys.now())]
    signs = ", ".join(dkim.get("Tokens", [])) if dkim.get("SigningAttributesOrigin") == OURS else None
    if signs is not None and signs not in {key.selector for key in held}:
        return records, FOREIGN.format(signs, domain.name)
    return records, None if held else NONE_YET.format(domain.name)
