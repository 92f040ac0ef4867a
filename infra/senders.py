"""Whom a stage's mail may come from, by the streams that their domains send: what policies say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.settings_domains import STREAMS, nearest

if TYPE_CHECKING:
    from infra.settings import Settings


def addresses(settings: Settings) -> dict[tuple[str, ...], list[str]]:
    """The senders and the mailboxes."""
    found: dict[tuple[str, ...], list[str]] = {}
    mailboxes = (mailbox.address for mailbox in settings.mailboxes)
    for address in dict.fromkeys((*settings.sender_addresses, *mailboxes)):
        domain = nearest(settings.domains, address)
        found.setdefault(domain.sent if domain else STREAMS, []).append(address)
    return found


def domains(settings: Settings) -> dict[tuple[str, ...], list[str]]:
    """The names of the domains; none in a trial with one address."""
    found: dict[tuple[str, ...], list[str]] = {}
    for domain in settings.domains:
        found.setdefault(domain.sent, []).append(domain.name)
    return found
