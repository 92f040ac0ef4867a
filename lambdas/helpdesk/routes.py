"""The help desk's HTTP API: what it takes and answers is in docs/support-mailbox.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from lambdas.helpdesk.ask import Commands, KeyReused
from lambdas.helpdesk.html import html
from lambdas.helpdesk.show import ticket_page
from lambdas.shared.http import Answer, Refused, answered, body, needed_key
from lambdas.shared.queue import Rejected
from lambdas.shared.tickets.change import Impossible
from lambdas.shared.tickets.find import BadCursor, find
from lambdas.shared.tickets.shown import BadFilter, ticket_data, wanted
from lambdas.shared.tickets.ticket import of_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.shared.tickets.files import TicketFiles
    from lambdas.shared.tickets.table import Tickets
    from lambdas.shared.tickets.ticket import Ticket

REFUSALS: dict[type[Exception], HTTPStatus] = {
    Rejected: HTTPStatus.BAD_REQUEST,
    BadFilter: HTTPStatus.BAD_REQUEST,
    BadCursor: HTTPStatus.BAD_REQUEST,
    Impossible: HTTPStatus.CONFLICT,
    KeyReused: HTTPStatus.CONFLICT,
}
LIMIT, LIMITS = 50, range(1, 101)
DIGITS = 15


@dataclass(frozen=True, kw_only=True)
class Helpdesk:
    table: Table
    tickets: Tickets
    files: TicketFiles
    commands: Commands

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        return answered(lambda: ROUTES[event["routeKey"]](self, event), REFUSALS)

    def listing(self, event: dict[str, Any]) -> Answer:
        asked = dict(event.get("queryStringParameters") or {})
        limit, cursor = counted(asked.pop("limit", str(LIMIT))), asked.pop("cursor", None)
        page = find(self.table, wanted(asked), limit, cursor)
        return HTTPStatus.OK, {"tickets": [ticket_data(ticket) for ticket in page.tickets], "cursor": page.cursor}

    def show(self, event: dict[str, Any]) -> Answer:
        self._ticket(event)
        messages = self.tickets.messages(int(event["pathParameters"]["number"]))
        # Read after them, the ticket is as each of them has made it.
        return HTTPStatus.OK, ticket_page(self._ticket(event), messages, self.files.link)

    def html(self, event: dict[str, Any]) -> Answer:
        ticket = self._ticket(event)
        message = of_id(self.tickets.messages(ticket.number), event["pathParameters"]["id"])
        if not message:
            raise Refused(HTTPStatus.NOT_FOUND, f"ticket {ticket.number} has no message of this id")
        remote = (event.get("queryStringParameters") or {}).get("remote", "false")
        if remote not in {"true", "false"}:
            raise Refused(HTTPStatus.BAD_REQUEST, f"remote: must be true or false; it is {remote!r}")
        return HTTPStatus.OK, html(message, self.files, remote=remote == "true")

    def reply(self, event: dict[str, Any]) -> Answer:
        return self._ask(event, "it makes a repeat one answer", self.commands.reply)

    def note(self, event: dict[str, Any]) -> Answer:
        return self._ask(event, "it makes a repeat one note", self.commands.note)

    def change(self, event: dict[str, Any]) -> Answer:
        return self._ask(event, "it makes a repeat one change", self.commands.change)

    def _ask(self, event: dict[str, Any], why: str, command: Callable[[Ticket, str, dict[str, Any]], str]) -> Answer:
        key, asked = needed_key(event, why), body(event)
        ticket = self._ticket(event)
        return HTTPStatus.ACCEPTED, {"ticket": ticket.number, "message": command(ticket, key, asked)}

    def _ticket(self, event: dict[str, Any]) -> Ticket:
        number = event["pathParameters"]["number"]
        plain = number.isascii() and number.isdigit() and len(number) <= DIGITS
        ticket = self.tickets.get(int(number)) if plain else None
        if not ticket:
            raise Refused(HTTPStatus.NOT_FOUND, f"there is no ticket {number}")
        return ticket


ROUTES: dict[str, Callable[[Helpdesk, dict[str, Any]], Answer]] = {
    "GET /tickets": Helpdesk.listing,
    "GET /tickets/{number}": Helpdesk.show,
    "GET /tickets/{number}/messages/{id}/html": Helpdesk.html,
    "POST /tickets/{number}/replies": Helpdesk.reply,
    "POST /tickets/{number}/notes": Helpdesk.note,
    "PATCH /tickets/{number}": Helpdesk.change,
}


def counted(limit: str) -> int:
    if limit.isascii() and limit.isdigit() and len(limit) <= DIGITS and int(limit) in LIMITS:
        return int(limit)
    raise Refused(HTTPStatus.BAD_REQUEST, f"limit: must be {LIMITS[0]} to {LIMITS[-1]}; it is {limit!r}")
