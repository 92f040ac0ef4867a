"""What happened to a ticket, as one message for each destination of its mailbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.connect.deliver import delivery
from lambdas.shared.destinations import WEBHOOK

if TYPE_CHECKING:
    from lambdas.shared.destinations import Destination

# The events of a mailbox: all whose detail names one (docs/events).
EVENTS = {"TicketOpened", "TicketReplied", "TicketAnswered", "TicketNoted", "TicketStatusChanged", "TicketClosed"}


@dataclass(frozen=True, kw_only=True)
class Router:
    """`ask` puts (id, detail-type, detail) into our own queue."""

    destinations: Mapping[str, Destination]
    ask: Callable[[str, str, dict[str, Any]], None]

    def route(self, event: dict[str, Any]) -> None:
        """One of EVENTS. To a ticket system it says only which ticket to look at, so it may come twice, late, or not; a
        webhook is told what happened, by an id that is the same on a repeat."""
        detail = event["detail"]
        for destination in self.destinations.values():
            if detail["mailbox"] not in destination.mailboxes:
                continue
            if destination.kind == WEBHOOK:
                self.ask(detail["id"], "DeliverEvent", delivery(destination.name, event))
            else:
                self.ask(detail["id"], "SyncTicket", {"ticket": detail["ticket"], "destination": destination.name})
