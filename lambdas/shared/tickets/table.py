"""The tickets table: tickets with their messages, and what became of every mail that was received.

    pk                     sk                     item
    TICKET#<number>        TICKET                 the ticket
    TICKET#<number>        MESSAGE#<at>#<id>      one of its messages, or what was done to it
    DELIVERY#<ses id>      DELIVERY               a received mail: its outcome, and whether the world was told
    TICKET#<number>        LINK#<destination>     its counterpart elsewhere (links.py)
    COPY#<hash>            COPY                   the first mail of this content
    REF#<kind>#<hash>      REF                    the ticket that a reply token, a Message-ID or an SES id belongs to
    LIMIT#<kind>#<hash>    LIMIT                  what was sent by itself to an address, or about a ticket, of late
    COUNTER                COUNTER                the last ticket number given

A ticket, its message, its references and the delivery are written in one transaction. Its conditions are that the
delivery has no outcome yet and that the ticket is the version that was read: a mail that SES notifies twice is one
message, and of two writers at once the later looks again.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.shared.dynamodb import ConditionFailed, conditional
from lambdas.shared.queue import Later
from lambdas.shared.tickets.items import (
    MESSAGE,
    copy_key,
    delivery_item,
    delivery_key,
    delivery_of,
    digest,
    message_item,
    message_key,
    message_of,
    reference_key,
    ticket_item,
    ticket_key,
    ticket_of,
    view,
)
from lambdas.shared.tickets.links import LINK, erasable, link_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.shared.tickets.limit import Limit
    from lambdas.shared.tickets.links import Link
    from lambdas.shared.tickets.ticket import Delivery, Ticket, TicketMessage

HELD = ("quarantined", "spam")  # outcomes that somebody may end
OUTCOMES = (*HELD, "unreadable", "bad-aggregate", "bounce", "delay", "complaint", "auto-reply", "duplicate")
TOKEN, TEAM_TOKEN, SES_ID, MESSAGE_ID = "token", "team-token", "ses-id", "message-id"
# Why a transaction may be cancelled and yet work the next time (API TransactWriteItems, "CancellationReasons").
PASSING = {"None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
FREE = "attribute_not_exists(pk)"


class Tickets:
    def __init__(self, table: Table) -> None:
        self._table = table

    def delivery(self, ses_id: str) -> Delivery | None:
        item = self._item(delivery_key(ses_id))
        return delivery_of(item) if item else None

    def open(
        self,
        ticket: Ticket,
        message: TicketMessage,
        delivery: Delivery,
        references: Iterable[str] = (),
        *,
        closed: Ticket | None = None,
    ) -> None:
        """Write a new ticket with its first message. Later if this delivery, a copy of it, or one of the same
        Message-ID, is being written by another.

        `references` are Message-IDs that the mail names: others that name them too belong here. `closed` is the ticket
        that this one goes on with, as it was read: it is told in the same transaction, so that of two answers to it one
        opens a ticket and the other, Later, finds that.
        """
        tokens = ((TOKEN, ticket.token), (TEAM_TOKEN, ticket.team_token))
        named = dict.fromkeys(reference for reference in references if reference != message.message_id)
        followed = [replace(closed, followed_by=ticket.number, version=closed.version + 1)] if closed else []
        self._write(
            self._put(ticket_item(ticket), FREE),
            self._put(message_item(ticket.number, message), FREE),
            *self._deliver(delivery),
            *map(self._next, followed),
            *(self._put(reference_key(*token) | {"ticket": ticket.number}, FREE) for token in tokens),  # all new
            *(self._name(ticket.number, reference) for reference in named),
            *self._own(ticket.number, message.message_id),
        )

    def add(self, ticket: Ticket, message: TicketMessage, delivery: Delivery) -> None:
        """Write a ticket as a mail has made it, the next version of what was read, with that mail. Later as in `open`,
        and where the ticket has been written since it was read."""
        self._write(
            self._next(ticket),
            self._put(message_item(ticket.number, message), FREE),
            *self._deliver(delivery),
            *self._own(ticket.number, message.message_id),
        )

    def hand_over(self, delivery: Delivery, number: int, message_id: str | None) -> None:
        """Write a mail's outcome that is about a ticket and changes it by a command. Later as in `open`."""
        self._write(*self._deliver(delivery), *self._own(number, message_id))

    def act(self, ticket: Ticket, message: TicketMessage) -> None:
        """Write a ticket as a team member, or the passing of time, has made it, the next version of what was read.
        Later where it has been written since."""
        self._write(self._next(ticket), self._put(message_item(ticket.number, message), FREE))

    def set_aside(self, delivery: Delivery) -> None:
        """Record a mail that becomes no ticket. It stays in the bucket and is listed under its outcome. Later if a copy
        of it is being written by another."""
        self._write({"Put": {"TableName": self._table.name, "Item": listed(delivery)}}, *self._first(delivery))

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
            self._table.put_item(Item=reference, ConditionExpression=FREE)

    def admits(self, kind: str, whom: str, at: str, ses_id: str, limit: Limit) -> bool:
        """Whether this mail is among the first, within `limit`, that make something of a kind be sent to, or about,
        somebody. The same on a repeat. Later if another mail is being counted."""
        key = {"pk": f"LIMIT#{kind}#{digest(whom)}", "sk": "LIMIT"}
        counted = (self._item(key) or {}).get("counted", {})
        if ses_id in counted:
            return True
        admitted = limit.admit(counted, at, ses_id)
        if admitted is None:
            return False
        try:
            with conditional():
                self._table.put_item(
                    Item=key | {"counted": admitted},
                    ConditionExpression=f"{FREE} OR counted = :read",
                    ExpressionAttributeValues={":read": counted},
                )
        except ConditionFailed:
            raise Later(1, "another mail is being counted: look again") from None
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

    def root(self, message_id: str) -> Ticket | None:
        """The ticket whose mails name this one, which itself has not come yet."""
        reference = self._item(reference_key(MESSAGE_ID, message_id))
        return self.get(int(reference["ticket"])) if reference and "own" not in reference else None

    def original(self, content: str, ses_id: str) -> Delivery | None:
        """The mail that one of this content is a second copy of, if it is."""
        first = self._item(copy_key(content))
        return self.delivery(first["ses_id"]) if first and first["ses_id"] != ses_id else None

    def message(self, number: int, at: str, id: str) -> TicketMessage | None:
        item = self._item(message_key(number, at, id))
        return message_of(item) if item else None

    def get(self, number: int) -> Ticket | None:
        item = self._item(ticket_key(number))
        return ticket_of(item) if item else None

    def messages(self, number: int) -> list[TicketMessage]:
        """A ticket's messages, oldest first."""
        return [message_of(item) for item in self._within(number, MESSAGE)]

    def links(self, number: int) -> list[Link]:
        """A ticket's links, by the names of their destinations, as they are now: nobody holds them."""
        items = self._within(number, LINK)
        return [link_of(number, item["sk"].removeprefix(LINK), item | {"holder": ""}) for item in items]

    def erase(self, ticket: Ticket) -> None:
        """Delete a ticket, its messages, and what was found by them; the ticket itself last, so that a repeat goes on
        where this one ended."""
        messages = self.messages(ticket.number)
        with self._table.batch_writer(overwrite_by_pkeys=["pk", "sk"]) as batch:
            for message in messages:
                if message.message_id:
                    batch.delete_item(Key=reference_key(MESSAGE_ID, message.message_id))
                if (delivery := self.delivery(message.id)) and delivery.content:
                    batch.delete_item(Key=copy_key(delivery.content))
                batch.delete_item(Key=delivery_key(message.id))
                batch.delete_item(Key=message_key(ticket.number, message.at, message.id))
            for link in self._within(ticket.number, LINK):
                for key in erasable(link):
                    batch.delete_item(Key=key)
            batch.delete_item(Key=reference_key(TOKEN, ticket.token))
            batch.delete_item(Key=reference_key(TEAM_TOKEN, ticket.team_token))
        self._table.delete_item(Key=ticket_key(ticket.number))

    def _within(self, number: int, kind: str) -> Iterator[dict[str, Any]]:
        query: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :kind)",
            "ExpressionAttributeValues": {":pk": f"TICKET#{number}", ":kind": kind},
            "ConsistentRead": True,
        }
        for page in pages(self._table, query):
            yield from page

    def _item(self, key: dict[str, Any]) -> dict[str, Any] | None:
        return self._table.get_item(Key=key, ConsistentRead=True).get("Item")

    def _deliver(self, delivery: Delivery) -> Iterator[dict[str, Any]]:
        yield self._put(listed(delivery), "attribute_not_exists(ticket)")
        yield from self._first(delivery)

    def _first(self, delivery: Delivery) -> Iterator[dict[str, Any]]:
        """Of mails of one content the first is the mail, and the others are copies of it."""
        if delivery.content:
            item = copy_key(delivery.content) | {"ses_id": delivery.ses_id}
            yield self._put(item, f"{FREE} OR ses_id = :own", {":own": delivery.ses_id})

    def _next(self, ticket: Ticket) -> dict[str, Any]:
        return self._put(ticket_item(ticket), "version = :read", {":read": ticket.version - 1})

    def _name(self, number: int, message_id: str) -> dict[str, Any]:
        """A mail that a mail of this ticket names belongs to it, unless it belongs to another."""
        return {
            "Update": {
                "TableName": self._table.name,
                "Key": reference_key(MESSAGE_ID, message_id),
                "UpdateExpression": "SET ticket = if_not_exists(ticket, :number)",
                "ExpressionAttributeValues": {":number": number},
            }
        }

    def _own(self, number: int, message_id: str | None) -> Iterator[dict[str, Any]]:
        """The first mail of an id keeps it; one that mails of this ticket have only named becomes the mail's own."""
        if not message_id:
            return
        key = reference_key(MESSAGE_ID, message_id)
        held = self._item(key)
        if not held or ("own" not in held and held["ticket"] == number):
            yield self._put(key | {"ticket": number, "own": True}, "attribute_not_exists(own)" if held else FREE)

    def _write(self, *writes: dict[str, Any]) -> None:
        try:
            self._table.meta.client.transact_write_items(TransactItems=list(writes))  # type: ignore[arg-type]
        except ClientError as error:
            codes = [reason["Code"] for reason in error.response.get("CancellationReasons", [])]
            if not codes or not PASSING.issuperset(codes):
                raise
            raise Later(2, f"another write was faster ({', '.join(codes)}): look again") from None

    def _put(self, item: dict[str, Any], condition: str, values: dict[str, Any] | None = None) -> dict[str, Any]:
        compared = {"ExpressionAttributeValues": values} if values else {}
        return {"Put": {"TableName": self._table.name, "Item": item, "ConditionExpression": condition, **compared}}


def listed(delivery: Delivery) -> dict[str, Any]:
    """A delivery's item; in the view of its outcome, unless it is within a ticket by that."""
    item = delivery_item(delivery)
    return item | view(f"mail/{delivery.outcome}", delivery.at) if delivery.outcome in OUTCOMES else item


def pages(table: Table, query: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The pages of a query, each of at most 1 MB (API Query)."""
    while True:
        page = table.query(**query)
        yield page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        query = query | {"ExclusiveStartKey": page["LastEvaluatedKey"]}
