"""Finding tickets, and received mails that became none: newest first, page by page, without a scan.

The index by_view has one partition for each status, ordered by the last write. Those of the statuses that are asked
for are read side by side; what else is asked for is a filter on what is read.
"""

from __future__ import annotations

import base64
import heapq
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from lambdas.shared.recipients import canonical
from lambdas.shared.tickets.items import delivery_of, ticket_of
from lambdas.shared.tickets.table import OUTCOMES, pages
from lambdas.shared.tickets.ticket import STATUSES, Delivery, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb.service_resource import Table

INDEX = {"IndexName": "by_view"}
READ = 5_000  # tickets and more, before a page ends short: a call over HTTP has 30 seconds


class BadCursor(Exception):
    def __init__(self) -> None:
        super().__init__("the cursor is none that a listing gave: leave it out to begin with the newest")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What tickets have to be; None asks for nothing. `text` is looked for in the subject, the requester and the
    beginnings of the messages, in any case; `since` is a time of last writing, ISO 8601 in UTC."""

    status: str | None = None
    mailbox: str | None = None
    assignee: str | None = None
    requester: str | None = None
    tag: str | None = None
    text: str | None = None
    since: str | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    """`cursor` asks for the next page; None after the last."""

    tickets: tuple[Ticket, ...]
    cursor: str | None


def find(table: Table, wanted: Wanted, limit: int, cursor: str | None = None) -> Page:
    """The tickets last written to, at most `limit`. BadCursor."""
    before = place_of(cursor) if cursor else None
    statuses = (wanted.status,) if wanted.status else STATUSES
    read = heapq.merge(*(written(table, status, wanted, before) for status in statuses), key=place, reverse=True)
    found: list[Ticket] = []
    last: Ticket | None = None
    for ticket in islice(read, READ):
        if before and place(ticket) >= before:
            continue
        last = ticket
        if fits(ticket, wanted):
            found.append(ticket)
        if len(found) == limit:
            return Page(tickets=tuple(found), cursor=cursor_of(ticket))
    more = next(read, None) is not None and last
    return Page(tickets=tuple(found), cursor=cursor_of(last) if last and more else None)


def aside(table: Table, limit: int, outcome: str | None = None) -> list[Delivery]:
    """Mails that became no ticket, newest first, of one outcome or all."""
    outcomes = (outcome,) if outcome else OUTCOMES
    listed = [viewed(table, f"mail/{name}", "", None) for name in outcomes]
    newest = heapq.merge(*listed, key=lambda item: str(item["at"]), reverse=True)
    return [delivery_of(item) for item in islice(newest, limit)]


def older(table: Table, status: str, before: str) -> Iterator[Ticket]:
    """The tickets of a status last written to before a time, the oldest first."""
    query = {
        **INDEX,
        "KeyConditionExpression": "#view = :view AND #at < :before",
        "ExpressionAttributeNames": {"#view": "view", "#at": "at"},
        "ExpressionAttributeValues": {":view": f"ticket/{status}", ":before": before},
    }
    for page in pages(table, query):
        yield from map(ticket_of, page)


def written(table: Table, status: str, wanted: Wanted, before: tuple[str, int] | None) -> Iterator[Ticket]:
    since, until = wanted.since or "", before[0] if before else None
    return map(ticket_of, viewed(table, f"ticket/{status}", since, until))


def viewed(table: Table, view: str, since: str, until: str | None) -> Iterator[dict[str, Any]]:
    """A view's items, the newest first, from `since` to `until`, both included."""
    query = {
        **INDEX,
        "KeyConditionExpression": "#view = :view AND #at BETWEEN :since AND :until",
        "ExpressionAttributeNames": {"#view": "view", "#at": "at"},
        "ExpressionAttributeValues": {":view": view, ":since": since or "0", ":until": until or "9999"},
        "ScanIndexForward": False,
        "Limit": 100,
    }
    for page in pages(table, query):
        yield from page


def fits(ticket: Ticket, wanted: Wanted) -> bool:
    return (
        wanted.mailbox in (None, ticket.mailbox)
        and wanted.assignee in (None, ticket.assignee)
        and (wanted.requester is None or canonical(wanted.requester) == ticket.requester)
        and (wanted.tag is None or wanted.tag in ticket.tags)
        and (wanted.text is None or wanted.text.casefold() in ticket.search)
    )


def place(ticket: Ticket) -> tuple[str, int]:
    """Where a ticket stands in the listing."""
    return ticket.updated_at, ticket.number


def cursor_of(ticket: Ticket) -> str:
    at, number = place(ticket)
    return base64.urlsafe_b64encode(f"{at} {number}".encode()).decode()


def place_of(cursor: str) -> tuple[str, int]:
    try:
        at, number = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        return at, int(number)
    except ValueError:
        raise BadCursor from None
