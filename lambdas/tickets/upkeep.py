"""What time does to tickets: the solved are closed, and the closed erased, each after its days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from lambdas.shared.queue import Later
from lambdas.shared.tickets.find import older
from lambdas.shared.tickets.ticket import CLOSED, SOLVED
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.shared.tickets.table import Tickets
    from lambdas.shared.tickets.ticket import Ticket

# In one go; then the message goes to the end of the queue, for the rest.
CLOSED_AT_ONCE, ERASED_AT_ONCE = 200, 50
AGAIN_SECONDS = 60  # by when what was asked for is done, and no longer listed


@dataclass(frozen=True, kw_only=True)
class Upkeep:
    """`ask` puts (id, detail-type, time, detail) into our own queue; `delete` deletes an object of the mail bucket."""

    table: Table
    tickets: Tickets
    ask: Callable[[str, str, str, dict[str, Any]], None]
    delete: Callable[[str], None]
    close_after: timedelta
    keep: timedelta

    def run(self, now: datetime) -> None:
        """Later, if there is more to do than fits into one go."""
        solved, closed = self._close(now), self._erase(iso(now - self.keep))
        if solved == CLOSED_AT_ONCE or closed == ERASED_AT_ONCE:
            raise Later(AGAIN_SECONDS, "there is more to close or to erase")

    def _close(self, now: datetime) -> int:
        """Have each ticket closed that is due, as a command of its own: what comes again can then be told again."""
        before = iso(now - self.close_after)
        due = list(islice(older(self.table, SOLVED, before), CLOSED_AT_ONCE))
        for ticket in due:
            detail = {"ticket": ticket.number, "before": before}
            self.ask(f"closed-{iso(now)[:10]}", "CloseTicket", iso(now), detail)
        return len(due)

    def _erase(self, before: str) -> int:
        """The index may lag behind the tickets: what it lists is looked at again."""
        listed = list(islice(older(self.table, CLOSED, before), ERASED_AT_ONCE))
        for one in listed:
            ticket = self.tickets.get(one.number)
            if ticket and ticket.status == CLOSED and ticket.updated_at < before:
                self._erase_one(ticket)
        return len(listed)

    def _erase_one(self, ticket: Ticket) -> None:
        """The files first: without the ticket nobody would know of them."""
        for message in self.tickets.messages(ticket.number):
            for key in (message.raw_key, *(attachment.key for attachment in message.attachments)):
                if key:
                    self.delete(key)
        self.tickets.erase(ticket)
