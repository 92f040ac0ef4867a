"""Asking the ticket systems what was touched there, for those whose webhooks do not reach us, or not always."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.connect.remote import Unavailable
from lambdas.connect.standing import tell_standing
from lambdas.connect.work import GRACE
from lambdas.shared.destinations import TICKET_SYSTEMS
from lambdas.shared.queue import Later
from lambdas.shared.timestamps import iso, parsed

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.connect.standing import State
    from lambdas.connect.work import Work
    from lambdas.shared.destinations import Destination

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)

BEFORE = timedelta(hours=1)  # how far the first poll looks back: to what was brought there before it


@dataclass(frozen=True, kw_only=True)
class Poll:
    destinations: Mapping[str, Destination]
    work: Work

    def all(self) -> None:
        """Have each ticket system polled that may be asked; tell of every destination whether it is paused."""
        for name, destination in self.destinations.items():
            state = self.work.standing.state(name)
            tell_standing(name, paused=bool(state.health.paused_at))
            if destination.kind in TICKET_SYSTEMS and may_be_asked(state, self.work.now()):
                self.work.ask_ourselves(f"poll-{name}", "PollDestination", {"destination": name})

    def one(self, name: str) -> None:
        """Have each ticket pulled that was touched since the last poll began. What keeps a poll from its end, the next
        one makes good: it asks since the same moment."""
        self.work.remotes.destination(name)
        try:
            with suppress(Later):
                self._poll(name)
        except Unavailable as error:
            log.warning("not polled", extra={"destination": name, "reason": str(error)})

    def _poll(self, name: str) -> None:
        work, began = self.work, self.work.now()
        state = work.standing.may_be_asked(name, began)
        with work.obeying(name):
            remote = work.remotes.get(name)
            late = timedelta(seconds=remote.lag) + GRACE
            since = parsed(state.polled) if state.polled else began - BEFORE
            for touched in remote.updated(since - late):
                work.ask_ourselves(f"poll-{name}", "PullTicket", {"destination": name, "remote": touched})
        work.standing.poll_began(name, iso(began))


def may_be_asked(state: State, now: datetime) -> bool:
    return not state.health.paused_at and state.wait_until <= iso(now)
