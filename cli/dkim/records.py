"""The DNS records of a domain's own keys, which are known from its secret: SES has their private halves alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.deployment import NotDeployed
from cli.dkim.keys import FOUND, signing_of
from cli.dkim.stage import keys_of
from cli.hint import hint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.deployment import Deployment
    from cli.dkim.key import Key
    from cli.dkim.keys import Signing
    from infra.settings import Settings
    from infra.settings_domains import Domain

NONE_YET = "there is no key of your own yet: {} makes one."
FOREIGN = "SES signs with the key {}, which is not in the stage's secret: {} makes one that is."


@dataclass(frozen=True, kw_only=True)
class KeyRecords:
    """A domain's `records`: name, type and value of each that must be there; `lacking`: why one of them is not known,
    None where all are. `waiting`: by the name of a record that no mail depends on yet, the command that shows or makes
    it."""

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
    command = hint(settings.stage, f"dkim {signing.change} {domain.name}")
    return KeyRecords(
        records=[key.record(domain.name) for key in held if key.needed(keys.now())],
        lacking=unknown(held, signing, command),
        waiting=dict.fromkeys(waiting(held, signing, domain.name), command),
    )


def unknown(held: list[Key], signing: Signing, command: str) -> str | None:
    if signing.selector is not None and signing.selector not in {key.selector for key in held}:
        return FOREIGN.format(signing.selector, command)
    return None if held else NONE_YET.format(command)


def waiting(held: list[Key], signing: Signing, domain: str) -> Iterator[str]:
    """The name of the next key's record, while another signs: one of ours, or SES's own whose records it has found."""
    signs = signing.selector is not None or signing.status == FOUND
    if signs and held and held[0].selector != signing.selector:
        name, _, _ = held[0].record(domain)
        yield name
