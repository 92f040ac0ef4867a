"""What time does to tickets: the solved are closed, and the closed erased, each after its days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from lambdas.shared.queue import Later
from lambdas.shared.tickets.find import older
from lambdas.shared.tickets.ticket import CLOSED, SOLVED
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.tickets.perform import Team

CLOSED_AT_ONCE, ERASED_AT_ONCE = 200, 50  # in one go; then the message goes to the end of the queue, for the rest
BY = "mailroom"


@dataclass(frozen=True, kw_only=True)
class Upkeep:
    """`delete` deletes an object of the mail bucket."""

    table: Table
    team: Team
    delete: Callable[[str], None]
    close_after: timedelta
    keep: timedelta

    def run(self, now: datetime) -> None:
        """Later, if there is more to do than fits into one go."""
        solved = self._due(SOLVED, now - self.close_after, CLOSED_AT_ONCE)
        closed = self._due(CLOSED, now - self.keep, ERASED_AT_ONCE)
        for number in solved:
            self._close(number, now)
        for number in closed:
            self._erase(number)
        if len(solved) == CLOSED_AT_ONCE or len(closed) == ERASED_AT_ONCE:
            raise Later(1, "there is more to close or to erase")

    def _due(self, status: str, before: datetime, most: int) -> list[int]:
        """The index may lag behind the tickets: what it lists is looked at again."""
        listed = [ticket.number for ticket in islice(older(self.table, status, iso(before)), most)]
        tickets = [self.team.tickets.get(number) for number in listed]
        return [t.number for t in tickets if t and (t.status, t.updated_at < iso(before)) == (status, True)]

    def _close(self, number: int, now: datetime) -> None:
        detail = {"ticket": number, "by": BY, "status": CLOSED}
        self.team.change({"id": f"closed-{iso(now)[:10]}", "time": iso(now), "detail": detail})

    def _erase(self, number: int) -> None:
        """The files first: without the ticket nobody would know of them."""
        if ticket := self.team.tickets.get(number):
            for message in self.team.tickets.messages(number):
                for key in (message.raw_key, *(attachment.key for attachment in message.attachments)):
                    if key:
                        self.delete(key)
            self.team.tickets.erase(ticket)
