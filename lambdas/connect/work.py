"""Asking a ticket system, as long as it may be asked, and with an answer to whatever goes wrong there; and working on a
ticket's link, one at a time.

    TooMany               the destination rests for as long as it says; other destinations go on
    NotAllowed            the destination is paused until somebody resumes it
    Gone                  the ticket is told, once, and left alone from then on
    Refused               to the dead-letter queue, with the request and the answer
    Unavailable, Unknown  again, after a time that grows; where they say how long, or took long several times in a row,
                          the destination rests too
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambdas.connect.remote import Gone, NotAllowed, Refused, TooMany, Unavailable, Unknown
from lambdas.shared.queue import Later, Rejected
from lambdas.shared.tickets.ticket import MAILROOM
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.connect.clients import Clients
    from lambdas.connect.remote import Remote
    from lambdas.connect.standing import Standing
    from lambdas.shared.destinations import Destination
    from lambdas.shared.tickets.links import Link, Links
    from lambdas.shared.tickets.table import Tickets

GRACE = timedelta(seconds=30)  # by which the clocks of two machines, and what a dead one still sent, may be late
RESERVE = timedelta(seconds=45)  # what one more write there may take (lambdas/connect/http.py)
AGAIN, MOST_SECONDS = 5, 900  # seconds, after the first failure and at most


@dataclass(frozen=True, kw_only=True)
class Job:
    """What there is to work with. `ends` is when this execution surely has ended."""

    destination: Destination
    remote: Remote
    ends: datetime


@dataclass(frozen=True, kw_only=True)
class Work:
    """`ask` puts (id, detail-type, time, detail) into the queue of `tickets`, `ask_ourselves` (id, detail-type, detail)
    into our own; `bury` puts the same into our dead letters, and why; `holder` makes a name that nobody else has."""

    tickets: Tickets
    links: Links
    standing: Standing
    remotes: Clients[Remote]
    ask: Callable[[str, str, str, dict[str, Any]], None]
    ask_ourselves: Callable[[str, str, dict[str, Any]], None]
    bury: Callable[[str, str, dict[str, Any], Rejected], None]
    now: Callable[[], datetime]
    holder: Callable[[], str]

    def alone(self, number: int, name: str, ends: datetime, do: Callable[[Link, Job], None]) -> None:
        """Do it with the link held, unless the counterpart is gone. Later or Rejected."""
        destination = self.remotes.destination(name)
        self.standing.may_be_asked(name, self.now())
        link = self.links.take(number, name, self.holder(), iso(self.now()), iso(ends + GRACE))
        try:
            if not self.tickets.get(number):
                self.links.drop(link)
            elif not link.gone:
                self._answered(link, destination, ends, do)
        finally:
            with suppress(Later):
                self.links.release(link)

    def in_time(self, job: Job) -> None:
        """Later, at once, if what is left of this execution may not be enough for one more write."""
        if self.now() > job.ends - RESERVE:
            raise Later(1, "there is more to do than one execution has time for")

    @contextmanager
    def obeying(self, name: str) -> Iterator[None]:
        """Ask the destination of this name; Later if it wants to be left alone, and then all do so."""
        try:
            yield
        except TooMany as error:
            self.standing.wait(name, self.now(), error.seconds)
            raise Later(math.ceil(error.seconds), f"{name} {error}") from None
        except NotAllowed as error:
            if self.remotes.outdated(name):
                raise Later(1, f"{name} has another secret by now") from None
            raise self.standing.pause(name, self.now(), str(error)) from None
        except (Unavailable, Unknown) as error:
            if error.seconds:
                self.standing.wait(name, self.now(), error.seconds)
            self.standing.failed(name, self.now(), error.took)
            raise
        except Refused as error:
            raise refusal(name, error) from None
        else:
            self.standing.succeeded(name)

    def _answered(self, link: Link, destination: Destination, ends: datetime, do: Callable[[Link, Job], None]) -> None:
        name = destination.name
        try:
            with self.obeying(name):
                do(link, Job(destination=destination, remote=self.remotes.get(name), ends=ends))
        except Gone as error:
            self._gone(link, error)
        except (Unavailable, Unknown) as error:
            self.links.write(link, failures=link.failures + 1)
            grown = min(AGAIN * 2 ** min(link.failures, 10), MOST_SECONDS)
            raise Later(max(grown, math.ceil(error.seconds or 0)), f"{name}: {error}", error.told) from None
        else:
            if link.failures:
                self.links.write(link, failures=0)

    def _gone(self, link: Link, error: Gone) -> None:
        """Told once of each counterpart: a note of an id that the ticket has is not written again."""
        name = link.destination
        text = (
            f"{link.key} is not there any more, so {name} gets no more of this ticket. {error}. "
            f"`mailroom connect resync {link.number}` looks again; with --anew, it makes another."
        )
        detail = {"ticket": link.number, "by": MAILROOM, "text": text}
        self.ask(f"{name}-gone-{link.remote}", "NoteTicket", iso(self.now()), detail)
        self.links.write(link, gone=str(error))


def refusal(name: str, error: Refused) -> Rejected:
    return Rejected(f"{name} refused: {error}", error.told)
