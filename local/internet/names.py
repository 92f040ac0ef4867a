"""The names of the embedded internet: where each leads, and what answers there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.standins.jira import Jira
from local.standins.receiver import Receiver
from local.standins.zendesk import Zendesk

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.standins.server import StandIn


@dataclass(frozen=True, kw_only=True)
class Site:
    """`address` is one that passes for public: of AS112's sink for questions that nobody should ask (RFC 7535), so that
    nothing would be lost if it were ever asked in earnest."""

    name: str
    address: str
    make: Callable[[], StandIn]


SITES = (
    Site(name="acme.atlassian.net", address="192.31.196.1", make=Jira),
    Site(name="acme.zendesk.com", address="192.31.196.2", make=Zendesk),
    Site(name="hooks.acme.test", address="192.31.196.3", make=Receiver),
)
