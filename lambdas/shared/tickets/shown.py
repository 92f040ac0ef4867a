"""What of a ticket anybody reads, as JSON can hold it; and the words by which tickets are asked for. Pure."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambdas.shared.tickets.find import Wanted
from lambdas.shared.tickets.ticket import STATUSES
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.shared.tickets.ticket import Ticket

HIDDEN = ("token", "team_token", "search", "version")  # who knows a token may write into the ticket


class BadFilter(Exception):
    """Nothing can be listed by this; the message says what to change."""


def ticket_data(ticket: Ticket) -> dict[str, Any]:
    """A ticket without what is not for reading."""
    data = asdict(ticket) | {"participants": sorted(ticket.participants), "tags": sorted(ticket.tags)}
    return {name: value for name, value in data.items() if name not in HIDDEN}


def wanted(asked: Mapping[str, str]) -> Wanted:
    """What tickets have to be, by the fields of Wanted as a person or a program writes them. BadFilter."""
    if unknown := sorted(asked.keys() - Wanted.__dataclass_fields__.keys()):
        raise BadFilter(f"{unknown[0]}: there is no such filter; there are {', '.join(Wanted.__dataclass_fields__)}")
    if "status" in asked and asked["status"] not in STATUSES:
        raise BadFilter(f"status: must be one of {', '.join(STATUSES)}; it is {asked['status']!r}")
    given = dict(asked)
    if "mailbox" in given:
        given["mailbox"] = given["mailbox"].lower()
    if "since" in given:
        given["since"] = point(given["since"])
    return Wanted(**given)


def point(text: str) -> str:
    """A day or a time as ISO 8601 has it, as the table holds times. Without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text)
        return iso(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise BadFilter(
            f"since: must be a day or a time like 2026-11-21 or 2026-11-21T09:30:00Z; it is {text!r}"
        ) from None
