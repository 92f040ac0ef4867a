"""What happened to a ticket, as one message for each destination: bring it to the state that ours is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambdas.connect.destinations import Destination

EVENTS = {"TicketOpened", "TicketReplied", "TicketAnswered", "TicketNoted", "TicketStatusChanged", "TicketClosed"}


@dataclass(frozen=True, kw_only=True)
class Router:
    """`ask` puts (id, detail-type, detail) into our own queue."""

    destinations: Mapping[str, Destination]
    ask: Callable[[str, str, dict[str, Any]], None]

    def route(self, detail: dict[str, Any]) -> None:
        """The detail of one of EVENTS: it says only which ticket to look at, so it may come twice, late, or not."""
        for destination in self.destinations.values():
            if detail["mailbox"] in destination.mailboxes:
                self.ask(detail["id"], "SyncTicket", {"ticket": detail["ticket"], "destination": destination.name})
