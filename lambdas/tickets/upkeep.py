"""What time does to tickets: the solved are closed, and the closed erased, each after its days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from lambdas.shared.queue import Later
from lambdas.shared.tickets.find import older
from lambdas.shared.tickets.ticket import CLOSED, SOLVED
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.shared.tickets.ticket import Ticket
    from lambdas.tickets.perform import Team

CLOSED_AT_ONCE, ERASED_AT_ONCE = 200, 50  # in one go; then the message goes to the end of the queue, for the rest


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
        solved = self._due(SOLVED, now - self.close_after, CLOSED_AT_ONCE, partial(self._close, now))
        closed = self._due(CLOSED, now - self.keep, ERASED_AT_ONCE, self._erase)
        if solved == CLOSED_AT_ONCE or closed == ERASED_AT_ONCE:
            raise Later(1, "there is more to close or to erase")

    def _due(self, status: str, before: datetime, most: int, end: Callable[[Ticket], None]) -> int:
        """End the tickets of a status that were last written to before a time; gives how many were listed. The index
        may lag behind the tickets: what it lists is looked at again."""
        listed = list(islice(older(self.table, status, iso(before)), most))
        for one in listed:
            ticket = self.team.tickets.get(one.number)
            if ticket and ticket.status == status and ticket.updated_at < iso(before):
                end(ticket)
        return len(listed)

    def _close(self, now: datetime, ticket: Ticket) -> None:
        self.team.close(ticket, f"closed-{iso(now)[:10]}", iso(now))

    def _erase(self, ticket: Ticket) -> None:
        """The files first: without the ticket nobody would know of them."""
        for message in self.team.tickets.messages(ticket.number):
            for key in (message.raw_key, *(attachment.key for attachment in message.attachments)):
                if key:
                    self.delete(key)
        self.team.tickets.erase(ticket)
