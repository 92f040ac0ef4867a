"""What there is of a person, by an address: found by looking at every item, which no function may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cli import shared_mail
from cli.shared_ticket import ERASED, erased, is_mail_of
from lambdas.shared.bucket import attachments_of, outgoing_of, raw_key
from lambdas.shared.messages import Message, message_of
from lambdas.shared.recipients import Recipients, Suppression, canonical
from lambdas.shared.tickets.items import delivery_of, digest, ticket_of
from lambdas.shared.tickets.items import message_of as message_of_ticket
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tokens.make import CODE, PASSWORD_RESET, VERIFICATION, token_id

if TYPE_CHECKING:
    from boto3.dynamodb.conditions import ConditionBase
    from mypy_boto3_dynamodb.service_resource import Table

    from cli.deployment import Deployment
    from lambdas.shared.tickets.ticket import Delivery, Ticket, TicketMessage

Progress = Callable[[str], None]
STEP = 10_000  # items between two words of progress


@dataclass
class Person:
    """`tickets` are what the person asked for, with all that is in them; `shared` are others' that the person takes
    part in, or is named in; `deliveries` are received mails of the person's. `mails` are those that went to the person,
    or belong to `tickets`; `shared_mails` went to others too. `known` says whether there is an entry among the
    recipients; `suppressions` and `ses` (its reason on SES's own list) forbid mail to the address, and stay."""

    address: str
    tickets: list[Ticket] = field(default_factory=list)
    shared: list[Ticket] = field(default_factory=list)
    written: dict[int, list[TicketMessage]] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    limits: list[dict[str, str]] = field(default_factory=list)
    mails: list[Message] = field(default_factory=list)
    shared_mails: list[Message] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    known: bool = False
    suppressions: tuple[Suppression, ...] = ()
    ses: str | None = None
    mailboxes: set[str] = field(default_factory=set)
    objects: list[str] = field(default_factory=list)

    @property
    def gone(self) -> bool:
        """Whether nothing is left that can be erased."""
        entry = self.known and not self.suppressions
        mails = self.deliveries or self.mails or self.shared_mails
        return not (self.tickets or self.shared or self.limits or mails or self.tokens or entry)


def find(deployment: Deployment, address: str, progress: Progress) -> Person:
    person = Person(address=canonical(address))
    of_tickets(person, deployment.table("TicketsTable"), progress)
    of_mails(person, deployment.table("MessagesTable"), progress)
    tokens = deployment.table("TokensTable")
    ids = [token_id(purpose, person.address) for purpose in (VERIFICATION, PASSWORD_RESET, CODE)]
    person.tokens = [one for one in ids if "Item" in tokens.get_item(Key={"id": one}, ConsistentRead=True)]
    recipients = deployment.table("RecipientsTable")
    person.known = "Item" in recipients.get_item(Key={"address": person.address}, ConsistentRead=True)
    person.suppressions = Recipients(recipients).get(person.address).suppressions
    person.ses = on_the_list_of_ses(deployment, person.address)
    progress("looking for files")
    person.objects = sorted(set(objects(deployment, person)))
    return person


def of_tickets(person: Person, table: Table, progress: Progress) -> None:
    """All that the tickets table has of the person."""
    numbers = Numbers()
    for item in every(table, "tickets", progress):
        if look := KINDS.get(str(item["sk"]).partition("#")[0]):
            look(person, numbers, item)
    store = Tickets(table)
    person.tickets = [ticket for number in sorted(numbers.asked) if (ticket := store.get(number))]
    person.shared = [ticket for number in sorted(numbers.named - numbers.asked) if (ticket := store.get(number))]
    person.written = {ticket.number: store.messages(ticket.number) for ticket in (*person.tickets, *person.shared)}


@dataclass
class Numbers:
    """The tickets that a person asked for, and those where the person is named."""

    asked: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)


def look_at_ticket(person: Person, numbers: Numbers, item: dict[str, Any]) -> None:
    ticket = ticket_of(item)
    person.mailboxes.add(ticket.mailbox)
    if ticket.requester == person.address:
        numbers.asked.add(ticket.number)
    elif person.address in {*ticket.participants, canonical(ticket.assignee or "")}:
        numbers.named.add(ticket.number)


def look_at_message(person: Person, numbers: Numbers, item: dict[str, Any]) -> None:
    message = message_of_ticket(item)
    if erased(message, person.address) != message:
        numbers.named.add(int(str(item["pk"]).removeprefix("TICKET#")))


def look_at_delivery(person: Person, _: Numbers, item: dict[str, Any]) -> None:
    if canonical(str(item["sender"])) == person.address:
        person.deliveries.append(delivery_of(item))


def look_at_limit(person: Person, _: Numbers, item: dict[str, Any]) -> None:
    if str(item["pk"]).endswith(f"#{digest(person.address)}"):
        person.limits.append({"pk": str(item["pk"]), "sk": str(item["sk"])})


KINDS: dict[str, Callable[[Person, Numbers, dict[str, Any]], None]] = {
    "TICKET": look_at_ticket,
    "MESSAGE": look_at_message,
    "DELIVERY": look_at_delivery,
    "LIMIT": look_at_limit,
}


def of_mails(person: Person, table: Table, progress: Progress) -> None:
    numbers = {str(ticket.number) for ticket in person.tickets}
    for item in every(table, "mails that went out", progress):
        to = shared_mail.recipients(item.get("recipient", ""))
        if to - {ERASED} == {person.address} or item.get("ticket") in numbers:
            person.mails.append(message_of(item))
        elif len(to) > 1 and shared_mail.names(mail := message_of(item), person.address):
            person.shared_mails.append(mail)


def every(table: Table, what: str, progress: Progress, only: ConditionBase | None = None) -> Iterator[dict[str, Any]]:
    """All items of a table, or those that a condition holds for."""
    more: dict[str, Any] = {"ConsistentRead": True} | ({"FilterExpression": only} if only else {})
    seen = 0
    while True:
        page = table.scan(**more)
        for item in page["Items"]:
            if seen % STEP == 0:
                progress(f"reading {what}: {seen:,} items so far")
            seen += 1
            yield item
        if "LastEvaluatedKey" not in page:
            return
        more["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def on_the_list_of_ses(deployment: Deployment, address: str) -> str | None:
    try:
        found = deployment.client("sesv2").get_suppressed_destination(EmailAddress=address)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        return None
    return str(found["SuppressedDestination"]["Reason"])


def objects(deployment: Deployment, person: Person) -> Iterator[str]:
    """The keys in the mail bucket of mails and files that are the person's."""
    asked = {ticket.number for ticket in person.tickets}
    theirs = [
        message.id
        for number, messages in person.written.items()
        for message in messages
        if number in asked or is_mail_of(message, person.address)
    ]
    for ses_id in sorted({*theirs, *(delivery.ses_id for delivery in person.deliveries)}):
        yield from (key for key in listed(deployment, raw_key(ses_id)) if key == raw_key(ses_id))
        yield from listed(deployment, attachments_of(ses_id))
    for mail in person.mails:
        yield from listed(deployment, outgoing_of(mail.id))


def listed(deployment: Deployment, prefix: str) -> Iterator[str]:
    pages = deployment.client("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=deployment.output("MailBucket"), Prefix=prefix):
        yield from (entry["Key"] for entry in page.get("Contents", ()))
