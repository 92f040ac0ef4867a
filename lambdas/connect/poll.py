"""Asking the ticket systems what was touched there, for those whose webhooks do not reach us, or not always."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from lambdas.connect.remote import Unavailable
from lambdas.connect.standing import tell_standing
from lambdas.connect.work import GRACE
from lambdas.shared.destinations import TICKET_SYSTEMS
from lambdas.shared.queue import Later, Rejected
from lambdas.shared.timestamps import iso, parsed

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.connect.standing import State
    from lambdas.connect.work import Work
    from lambdas.shared.destinations import Destination

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)

RESERVE = timedelta(seconds=15)  # for what comes after the last ticket is asked for
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

    def one(self, name: str, ends: datetime) -> None:
        """Have each ticket pulled that was touched since the last poll began. What keeps a poll from its end, the next
        one makes good: it asks since the same moment. Rejected if there was too much for one poll.

        Before its secret is set there is nothing of ours to be touched: a new deployment rests, and raises no alarm.
        """
        if not self.work.remotes.is_set(name):
            return
        try:
            with suppress(Later):
                self._poll(name, ends)
        except Unavailable as error:
            log.warning("not polled", extra={"destination": name, "reason": str(error)})

    def _poll(self, name: str, ends: datetime) -> None:
        work, began = self.work, self.work.now()
        state = work.standing.may_be_asked(name, began)
        with work.obeying(name):
            remote = work.remotes.get(name)
            since = parsed(state.polled) if state.polled else began - BEFORE
            touched = remote.updated(since - timedelta(seconds=remote.lag) - GRACE)
        asked = list(takewhile(lambda remote: self._ask(name, remote, ends), touched.ids))
        work.standing.poll_began(name, iso(began))
        if not touched.whole or len(asked) < len(touched.ids):
            raise Rejected(
                f"more was touched in {name} since {iso(since)} than one poll has time for: the last {len(asked)} "
                "tickets are looked at, any other by mailroom connect resync TICKET"
            )

    def _ask(self, name: str, remote: str, ends: datetime) -> bool:
        """False if there is no time for it."""
        if in_time := self.work.now() < ends - RESERVE:
            detail = {"destination": name, "remote": remote}
            self.work.ask_ourselves(f"poll-{name}", "PullTicket", detail)
        return in_time


def may_be_asked(state: State, now: datetime) -> bool:
    return not state.health.paused_at and state.wait_until <= iso(now)
