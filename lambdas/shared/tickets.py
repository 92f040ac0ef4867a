"""The tickets table: tickets with their messages, and what became of every mail that was received.

    pk                     sk                     item
    TICKET#<number>        TICKET                 the ticket
    TICKET#<number>        MESSAGE#<at>#<ses id>  one of its messages
    DELIVERY#<ses id>      DELIVERY               a received mail: its outcome, and whether the world was told
    REF#<kind>#<hash>      REF                    the ticket that a reply token, a Message-ID or an SES id belongs to
    ANSWERS#<hash>         ANSWERS                a sender's mails that were acknowledged, on the last day with any
    COUNTER                COUNTER                the last ticket number given

A ticket, its message, its references and the delivery are written in one transaction whose condition is that the
delivery has no outcome yet: a mail that SES notifies twice is one message.
"""

from __future__ import annotations

import dataclasses
import hashlib
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.shared.dynamodb import ConditionFailed, conditional
from lambdas.shared.queue import Later
from lambdas.shared.recipients import canonical
from lambdas.shared.ticket import Attachment, Delivery, Ticket, TicketMessage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mypy_boto3_dynamodb.service_resource import Table

STATUSES = ("new", "open", "pending", "solved", "closed")
OUTCOMES = ("quarantined", "spam", "unreadable", "bounce", "delay", "complaint", "auto-reply")
TOKEN, SES_ID, MESSAGE_ID = "token", "ses-id", "message-id"
PARTICIPANTS = 50
ANSWERS_A_DAY = 5
# Why a transaction may be cancelled and yet work the next time (API TransactWriteItems, "CancellationReasons").
PASSING = {"None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class Tickets:
    def __init__(self, table: Table) -> None:
        self._table = table

    def delivery(self, ses_id: str) -> Delivery | None:
        item = self._item(delivery_key(ses_id))
        return delivery_of(item) if item else None

    def open(self, ticket: Ticket, message: TicketMessage, delivery: Delivery) -> None:
        """Write a new ticket with its first message. Later if this delivery, or one of the same Message-ID, is
        being written by another."""
        put = self._put(ticket_item(ticket), "attribute_not_exists(pk)")
        self._file(ticket.number, message, delivery, put, {TOKEN: ticket.token})

    def add(self, ticket: Ticket, message: TicketMessage, delivery: Delivery, participants: Iterable[str]) -> None:
        """Add a message to a ticket; a customer's mail opens it again. Later as in `open`. Of new participants, the
        first have what room there is."""
        joined = [address for address in participants if address not in ticket.participants]
        room = joined[: max(0, PARTICIPANTS - len(ticket.participants))]
        status = ticket.status if message.kind == "auto-reply" else "open"
        update = {
            "TableName": self._table.name,
            "Key": ticket_key(ticket.number),
            "UpdateExpression": "SET #status = :status, updated_at = :at, #view = :view, #at = :at"
            + (" ADD participants :joined" if room else ""),
            "ExpressionAttributeNames": {"#status": "status", "#view": "view", "#at": "at"},
            "ExpressionAttributeValues": {":status": status, ":at": message.at, ":view": f"ticket/{status}"}
            | ({":joined": set(room)} if room else {}),
        }
        self._file(ticket.number, message, delivery, {"Update": update}, {})

    def set_aside(self, delivery: Delivery) -> None:
        """Record a mail that becomes no ticket. It stays in the bucket and is listed under its outcome."""
        self._table.put_item(Item=delivery_item(delivery) | view(f"mail/{delivery.outcome}", delivery.at))

    def announced(self, ses_id: str) -> None:
        """Note that the events about a delivery are out."""
        self._table.update_item(
            Key=delivery_key(ses_id),
            UpdateExpression="SET announced = :true",
            ExpressionAttributeValues={":true": True},
        )

    def sent(self, ses_id: str, number: int) -> None:
        """Remember which ticket a mail of ours belongs to, by its SES id; the first to say so is believed."""
        reference = reference_key(SES_ID, ses_id) | {"ticket": number}
        with suppress(ConditionFailed), conditional():
            self._table.put_item(Item=reference, ConditionExpression="attribute_not_exists(pk)")

    def answers(self, sender: str, day: str, ses_id: str) -> bool:
        """Whether this mail is among the sender's first of the day, YYYY-MM-DD, as many as are acknowledged. The same
        on a repeat; False for a day before the last with an answer."""
        first = "attribute_not_exists(#day) OR #day < :day"
        more = "#day = :day AND (size(answered) < :most OR contains(answered, :id))"
        values = {":day": day, ":mail": {ses_id}}
        return self._answer(sender, "SET #day = :day, answered = :mail", first, values) or self._answer(
            sender, "ADD answered :mail", more, values | {":most": ANSWERS_A_DAY, ":id": ses_id}
        )

    def _answer(self, sender: str, update: str, condition: str, values: dict[str, Any]) -> bool:
        try:
            with conditional():
                self._table.update_item(
                    Key={"pk": f"ANSWERS#{digest(canonical(sender))}", "sk": "ANSWERS"},
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeNames={"#day": "day"},
                    ExpressionAttributeValues=values,
                )
        except ConditionFailed:
            return False
        return True

    def next_number(self) -> int:
        """A number no ticket has had. One that is then not used leaves a gap."""
        answer = self._table.update_item(
            Key={"pk": "COUNTER", "sk": "COUNTER"},
            UpdateExpression="ADD last_number :one",
            ExpressionAttributeValues={":one": 1},
            ReturnValues="UPDATED_NEW",
        )
        return int(str(answer["Attributes"]["last_number"]))

    def find(self, kind: str, value: str) -> Ticket | None:
        """The ticket that a reference of this kind belongs to."""
        reference = self._item(reference_key(kind, value))
        return self.get(int(reference["ticket"])) if reference else None

    def get(self, number: int) -> Ticket | None:
        item = self._item(ticket_key(number))
        return ticket_of(item) if item else None

    def messages(self, number: int) -> list[TicketMessage]:
        """A ticket's messages, oldest first."""
        items = self._query(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :message)",
            ExpressionAttributeValues={":pk": f"TICKET#{number}", ":message": "MESSAGE#"},
        )
        return [message_of(item) for item in items]

    def newest(self, limit: int) -> list[Ticket]:
        """Tickets of every status, the one last written to first."""
        found = [ticket_of(item) for status in STATUSES for item in self._view(f"ticket/{status}", limit)]
        return sorted(found, key=lambda ticket: ticket.updated_at, reverse=True)[:limit]

    def aside(self, limit: int) -> list[Delivery]:
        """Mails that became no ticket, newest first."""
        found = [delivery_of(item) for outcome in OUTCOMES for item in self._view(f"mail/{outcome}", limit)]
        return sorted(found, key=lambda delivery: delivery.at, reverse=True)[:limit]

    def _view(self, name: str, limit: int) -> list[dict[str, Any]]:
        return self._query(
            limit,
            IndexName="by_view",
            KeyConditionExpression="#view = :view",
            ExpressionAttributeNames={"#view": "view"},
            ExpressionAttributeValues={":view": name},
            ScanIndexForward=False,
        )

    def _query(self, limit: int | None = None, **query: Any) -> list[dict[str, Any]]:
        """All items, or the first `limit`. A page ends after 1 MB (API Query)."""
        found: list[dict[str, Any]] = []
        while True:
            page = self._table.query(**query | ({"Limit": limit - len(found)} if limit else {}))
            found += page["Items"]
            if len(found) == limit or "LastEvaluatedKey" not in page:
                return found
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _item(self, key: dict[str, Any]) -> dict[str, Any] | None:
        return self._table.get_item(Key=key, ConsistentRead=True).get("Item")

    def _file(
        self,
        number: int,
        message: TicketMessage,
        delivery: Delivery,
        ticket_write: dict[str, Any],
        references: dict[str, str],
    ) -> None:
        """Write a ticket's change, the message, the delivery, and the references that are not taken yet."""
        if message.message_id:
            references |= {MESSAGE_ID: message.message_id}
        taken = "attribute_not_exists(pk)"
        writes: list[Any] = [
            self._put(delivery_item(delivery), "attribute_not_exists(ticket)"),
            self._put(message_item(number, message), taken),
            ticket_write,
            *(
                self._put(reference_key(kind, value) | {"ticket": number}, taken)
                for kind, value in references.items()
                if not self._item(reference_key(kind, value))  # the first mail of an id keeps it
            ),
        ]
        try:
            self._table.meta.client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            codes = [reason["Code"] for reason in error.response.get("CancellationReasons", [])]
            if not codes or not PASSING.issuperset(codes):
                raise
            raise Later(2, f"another write was faster ({', '.join(codes)}): look again") from None

    def _put(self, item: dict[str, Any], condition: str) -> dict[str, Any]:
        return {"Put": {"TableName": self._table.name, "Item": item, "ConditionExpression": condition}}


def ticket_key(number: int) -> dict[str, Any]:
    return {"pk": f"TICKET#{number}", "sk": "TICKET"}


def delivery_key(ses_id: str) -> dict[str, Any]:
    return {"pk": f"DELIVERY#{ses_id}", "sk": "DELIVERY"}


def reference_key(kind: str, value: str) -> dict[str, Any]:
    """Hashed: a Message-ID comes from outside, and a key holds 2 KB."""
    return {"pk": f"REF#{kind}#{digest(value)}", "sk": "REF"}


def digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def view(name: str, at: str) -> dict[str, Any]:
    """What lists an item in the by_view index."""
    return {"view": name, "at": at}


def ticket_item(ticket: Ticket) -> dict[str, Any]:
    fields = asdict(ticket) | {"participants": set(ticket.participants)}
    return ticket_key(ticket.number) | fields | view(f"ticket/{ticket.status}", ticket.updated_at)


def ticket_of(item: dict[str, Any]) -> Ticket:
    fields = {field.name: item[field.name] for field in dataclasses.fields(Ticket)}
    return Ticket(**fields | {"number": int(item["number"]), "participants": frozenset(item["participants"])})


def message_item(number: int, message: TicketMessage) -> dict[str, Any]:
    return {"pk": f"TICKET#{number}", "sk": f"MESSAGE#{message.at}#{message.ses_id}"} | asdict(message)


def message_of(item: dict[str, Any]) -> TicketMessage:
    fields = {field.name: item[field.name] for field in dataclasses.fields(TicketMessage)}
    attachments = tuple(Attachment(**file | {"size": int(file["size"])}) for file in item["attachments"])
    return TicketMessage(**fields | {"flags": tuple(item["flags"]), "attachments": attachments})


def delivery_item(delivery: Delivery) -> dict[str, Any]:
    fields = {name: value for name, value in asdict(delivery).items() if value is not None}
    return delivery_key(delivery.ses_id) | fields


def delivery_of(item: dict[str, Any]) -> Delivery:
    fields = {field.name: item[field.name] for field in dataclasses.fields(Delivery) if field.name in item}
    return Delivery(**fields | ({"ticket": int(item["ticket"])} if "ticket" in item else {}))
