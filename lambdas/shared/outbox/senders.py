"""Whom mails come from that do not say it, and which streams may come from which domain. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lambdas.shared.outbox.request import Impossible, Request
from lambdas.shared.recipients import domain_of


class NotFromHere(Impossible):
    """The message says whose mail may come from there."""


@dataclass(frozen=True, kw_only=True)
class Senders:
    """`by_stream` has who its mails come from; `domains`, by name, the streams that a domain is for: it is for all if
    there are none. A trial with one address has no domains."""

    by_stream: Mapping[str, str]
    domains: Mapping[str, Sequence[str]]

    def of(self, request: Request) -> str:
        """Who the mail comes from. NotFromHere, for one stream's reputation is not to be spoilt by another's mail."""
        sender = request.sender or self.by_stream[request.stream]
        domain = holder(self.domains, domain_of(sender))
        streams = self.domains[domain] if domain else ()
        if streams and request.stream not in streams:
            raise NotFromHere(
                f"`from` is of {domain}, which is for {' and '.join(streams)} mail, and this is {request.stream}: "
                "leave `from` out, or use an address of another domain"
            )
        return sender


def holder(domains: Iterable[str], name: str) -> str | None:
    """Of these domains the one that a domain's name is of: the longest that it is, or is below."""
    return max((domain for domain in domains if name == domain or name.endswith(f".{domain}")), key=len, default=None)
