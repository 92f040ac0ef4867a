"""What the items of the tickets table look like. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import asdict
from typing import Any

from lambdas.shared.tickets.ticket import Attachment, Delivery, Ticket, TicketMessage

MESSAGE = "MESSAGE#"


def ticket_key(number: int) -> dict[str, Any]:
    return {"pk": f"TICKET#{number}", "sk": "TICKET"}


def message_key(number: int, at: str, id: str) -> dict[str, Any]:
    return {"pk": f"TICKET#{number}", "sk": f"{MESSAGE}{at}#{id}"}


def delivery_key(ses_id: str) -> dict[str, Any]:
    return {"pk": f"DELIVERY#{ses_id}", "sk": "DELIVERY"}


def copy_key(content: str) -> dict[str, Any]:
    return {"pk": f"COPY#{content}", "sk": "COPY"}


def reference_key(kind: str, value: str) -> dict[str, Any]:
    """Hashed: a Message-ID comes from outside, and a key holds 2 KB."""
    return {"pk": f"REF#{kind}#{digest(value)}", "sk": "REF"}


def digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def view(name: str, at: str) -> dict[str, Any]:
    """What lists an item in the by_view index."""
    return {"view": name, "at": at}


def ticket_item(ticket: Ticket) -> dict[str, Any]:
    fields = given(ticket) | {"participants": set(ticket.participants)}
    fields |= {"tags": set(ticket.tags)} if ticket.tags else {}  # DynamoDB has no empty set
    return ticket_key(ticket.number) | fields | view(f"ticket/{ticket.status}", ticket.updated_at)


def ticket_of(item: dict[str, Any]) -> Ticket:
    fields = fields_of(Ticket, item)
    for name in {"number", "version", "follows", "followed_by"} & fields.keys():
        fields[name] = int(fields[name])
    for name in {"participants", "tags"} & fields.keys():
        fields[name] = frozenset(fields[name])
    return Ticket(**fields)


def message_item(number: int, message: TicketMessage) -> dict[str, Any]:
    return message_key(number, message.at, message.id) | asdict(message)


def message_of(item: dict[str, Any]) -> TicketMessage:
    attachments = tuple(Attachment(**file | {"size": int(file["size"])}) for file in item["attachments"])
    more = {"flags": tuple(item["flags"]), "recipients": tuple(item["recipients"]), "attachments": attachments}
    return TicketMessage(**fields_of(TicketMessage, item) | more)


def delivery_item(delivery: Delivery) -> dict[str, Any]:
    return delivery_key(delivery.ses_id) | given(delivery)


def delivery_of(item: dict[str, Any]) -> Delivery:
    return Delivery(**fields_of(Delivery, item) | ({"ticket": int(item["ticket"])} if "ticket" in item else {}))


def given(value: Ticket | Delivery) -> dict[str, Any]:
    return {name: held for name, held in asdict(value).items() if held not in (None, frozenset())}


def fields_of(kind: type[Ticket | TicketMessage | Delivery], item: dict[str, Any]) -> dict[str, Any]:
    return {field.name: item[field.name] for field in dataclasses.fields(kind) if field.name in item}
