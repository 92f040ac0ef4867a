"""The DNS records of a domain's own keys, which are known from its secret: SES has their private halves alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.deployment import NotDeployed
from cli.dkim.keys import FOUND, signing_of
from cli.dkim.stage import keys_of

if TYPE_CHECKING:
    from cli.deployment import Deployment
    from cli.dkim.key import Key
    from cli.dkim.keys import Signing
    from infra.settings import Settings
    from infra.settings_domains import Domain

NONE_YET = "there is no key of your own yet: `mailroom dkim create {}` makes one."
FOREIGN = "SES signs with the key {}, which is not in the stage's secret: `mailroom dkim rotate {}` makes one that is."


@dataclass(frozen=True, kw_only=True)
class KeyRecords:
    """A domain's `records`: name, type and value of each that must be there; `lacking`: why one of them is not known,
    None where all are. `waiting`: by the name of a record that no mail depends on yet, the command that is about it."""

    records: list[tuple[str, str, str]]
    lacking: str | None = None
    waiting: dict[str, str] = field(default_factory=dict)


def own_records(deployment: Deployment, settings: Settings, domain: Domain, dkim: dict[str, Any]) -> KeyRecords:
    """`dkim` is what SES says."""
    try:
        keys = keys_of(deployment, settings, domain)
    except NotDeployed as why:
        return KeyRecords(records=[], lacking=why.message)
    held, signing = keys.held(), signing_of(dkim)
    return KeyRecords(
        records=[key.record(domain.name) for key in held if key.needed(keys.now())],
        lacking=unknown(held, signing, domain.name),
        waiting=waiting(held, signing, domain.name),
    )


def unknown(held: list[Key], signing: Signing, domain: str) -> str | None:
    if signing.selector is not None and signing.selector not in {key.selector for key in held}:
        return FOREIGN.format(signing.selector, domain)
    return None if held else NONE_YET.format(domain)


def waiting(held: list[Key], signing: Signing, domain: str) -> dict[str, str]:
    """Of the next key, while another signs: one of ours, or SES's own whose records it has found."""
    signs = signing.selector is not None or signing.status == FOUND
    if not signs or not held or held[0].selector == signing.selector:
        return {}
    name, _, _ = held[0].record(domain)
    return {name: f"dkim {signing.change} {domain}"}
