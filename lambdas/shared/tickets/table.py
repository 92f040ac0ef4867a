"""The tickets table: tickets with their messages, and what became of every mail that was received.

    pk                     sk                     item
    TICKET#<number>        TICKET                 the ticket
    TICKET#<number>        MESSAGE#<at>#<id>      one of its messages, or what was done to it
    DELIVERY#<ses id>      DELIVERY               a received mail: its outcome, and whether the world was told
    REF#<kind>#<hash>      REF                    the ticket that a reply token, a Message-ID or an SES id belongs to
    ANSWERS#<hash>         ANSWERS                a sender's mails that were acknowledged, on the last day with any
    COUNTER                COUNTER                the last ticket number given

A ticket, its message, its references and the delivery are written in one transaction. Its conditions are that the
delivery has no outcome yet and that the ticket is the version that was read: a mail that SES notifies twice is one
message, and of two writers at once the later looks again.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.shared.dynamodb import ConditionFailed, conditional
from lambdas.shared.queue import Later
from lambdas.shared.recipients import canonical
from lambdas.shared.tickets.items import (
    MESSAGE,
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.shared.tickets.ticket import Delivery, Ticket, TicketMessage

OUTCOMES = ("quarantined", "spam", "unreadable", "bounce", "delay", "complaint", "auto-reply", "duplicate")
TOKEN, TEAM_TOKEN, SES_ID, MESSAGE_ID = "token", "team-token", "ses-id", "message-id"
ANSWERS_A_DAY = 5
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
        content: str = "",
    ) -> None:
        """Write a new ticket with its first message. Later if this delivery, or one of the same Message-ID, is
        being written by another.

        `references` are Message-IDs that the mail names: others that name them too belong here. `content` tells a
        second copy of the mail from another mail with its Message-ID.
        """
        tokens = ((TOKEN, ticket.token), (TEAM_TOKEN, ticket.team_token))
        named = ((MESSAGE_ID, reference) for reference in references)
        self._write(
            self._put(ticket_item(ticket), FREE),
            self._put(message_item(ticket.number, message), FREE),
            self._deliver(delivery),
            *self._refer(ticket.number, message, content, *tokens, *named),
        )

    def add(
        self,
        ticket: Ticket,
        message: TicketMessage,
        delivery: Delivery,
        *,
        content: str = "",
    ) -> None:
        """Write a ticket as a mail has made it, the next version of what was read, with that mail. Later as in `open`,
        and where the ticket has been written since it was read."""
        self._write(
            self._next(ticket),
            self._put(message_item(ticket.number, message), FREE),
            self._deliver(delivery),
            *self._refer(ticket.number, message, content),
        )

    def act(self, ticket: Ticket, message: TicketMessage) -> None:
        """Write a ticket as a team member, or the passing of time, has made it, the next version of what was read.
        Later where it has been written since. See `acted`."""
        self._write(self._next(ticket), self._put(message_item(ticket.number, message), FREE))

    def acted(self, number: int, message: TicketMessage) -> TicketMessage | None:
        """What this command did when it came before; a command may come twice."""
        item = self._item(message_key(number, message))
        return message_of(item) if item else None

    def link(self, old: Ticket) -> None:
        """Note in a closed ticket which one goes on with it. Later if it has been written since it was read."""
        self._write(self._next(old))

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
            self._table.put_item(Item=reference, ConditionExpression=FREE)

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

    def copy_of(self, message_id: str, content: str) -> int | None:
        """The ticket that has a mail of this Message-ID and content already."""
        reference = self._item(reference_key(MESSAGE_ID, message_id))
        return int(reference["ticket"]) if reference and reference.get("content") == content else None

    def get(self, number: int) -> Ticket | None:
        item = self._item(ticket_key(number))
        return ticket_of(item) if item else None

    def messages(self, number: int) -> list[TicketMessage]:
        """A ticket's messages, oldest first."""
        query: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :message)",
            "ExpressionAttributeValues": {":pk": f"TICKET#{number}", ":message": MESSAGE},
            "ConsistentRead": True,
        }
        return [message_of(item) for page in pages(self._table, query) for item in page]

    def erase(self, ticket: Ticket) -> None:
        """Delete a ticket, its messages, and what was found by them; the ticket itself last, so that a repeat goes on
        where this one ended."""
        messages = self.messages(ticket.number)
        with self._table.batch_writer() as batch:
            for message in messages:
                if message.message_id:
                    batch.delete_item(Key=reference_key(MESSAGE_ID, message.message_id))
                batch.delete_item(Key=delivery_key(message.id))
                batch.delete_item(Key=message_key(ticket.number, message))
            batch.delete_item(Key=reference_key(TOKEN, ticket.token))
            batch.delete_item(Key=reference_key(TEAM_TOKEN, ticket.team_token))
        self._table.delete_item(Key=ticket_key(ticket.number))

    def _item(self, key: dict[str, Any]) -> dict[str, Any] | None:
        return self._table.get_item(Key=key, ConsistentRead=True).get("Item")

    def _deliver(self, delivery: Delivery) -> dict[str, Any]:
        return self._put(delivery_item(delivery), "attribute_not_exists(ticket)")

    def _next(self, ticket: Ticket) -> dict[str, Any]:
        put = self._put(ticket_item(ticket), "version = :read")
        put["Put"]["ExpressionAttributeValues"] = {":read": ticket.version - 1}
        return put

    def _refer(
        self, number: int, message: TicketMessage, content: str, *references: tuple[str, str]
    ) -> Iterator[dict[str, Any]]:
        """The references that are not taken yet: the first mail of an id keeps it."""
        own = [reference_key(MESSAGE_ID, message.message_id) | {"content": content}] if message.message_id else []
        items = own + [reference_key(kind, value) for kind, value in references]
        for item in {item["pk"]: item for item in reversed(items)}.values():
            if not self._item({"pk": item["pk"], "sk": item["sk"]}):
                yield self._put(item | {"ticket": number}, FREE)

    def _write(self, *writes: dict[str, Any]) -> None:
        try:
            self._table.meta.client.transact_write_items(TransactItems=list(writes))  # type: ignore[arg-type]
        except ClientError as error:
            codes = [reason["Code"] for reason in error.response.get("CancellationReasons", [])]
            if not codes or not PASSING.issuperset(codes):
                raise
            raise Later(2, f"another write was faster ({', '.join(codes)}): look again") from None

    def _put(self, item: dict[str, Any], condition: str) -> dict[str, Any]:
        return {"Put": {"TableName": self._table.name, "Item": item, "ConditionExpression": condition}}


def pages(table: Table, query: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The pages of a query, each of at most 1 MB (API Query)."""
    while True:
        page = table.query(**query)
        yield page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        query = query | {"ExclusiveStartKey": page["LastEvaluatedKey"]}
