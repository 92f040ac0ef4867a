"""Erase what there is of a person. Each step ends with the item that the next run would find it by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr

from cli import shared_mail
from cli.api import call
from cli.deployment import CommandFailed
from cli.output import line
from cli.person import every
from cli.shared_ticket import erased, is_mail_of, rewrite, without
from lambdas.shared.dynamodb import ConditionFailed
from lambdas.shared.messages import CLAIMED, SCHEDULED, WAITING, Message
from lambdas.shared.tickets.items import delivery_key, reference_key
from lambdas.shared.tickets.table import MESSAGE_ID, Tickets
from lambdas.shared.timestamps import iso, now

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

    from cli.deployment import Deployment
    from cli.person import Person, Progress
    from lambdas.shared.tickets.ticket import Ticket

AT_ONCE = 1_000  # keys of one call (API DeleteObjects)
NEAR = timedelta(minutes=5)  # a mail that is due by then may be in the queue already
TRIES = 5
# A claim without an outcome for as long as this will not get one (docs/states.md).
SETTLED = timedelta(days=4)


class NotErased(CommandFailed):
    """Some of it is left; the same again goes on."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Not all is erased: {line(what)}. Say it again.")


@dataclass(frozen=True, kw_only=True)
class Erased:
    """How many of each. Of `shared_mails` the person was taken out; `waiting` are mails that were left, since they are
    on their way."""

    tickets: int
    messages: int
    received: int
    mails: int
    shared_mails: int
    tokens: int
    entries: int
    objects: int
    waiting: int


def erase(deployment: Deployment, person: Person, progress: Progress) -> Erased:
    progress("erasing files")
    delete(deployment, person.objects)
    tickets = deployment.table("TicketsTable")
    progress("erasing tickets")
    blanked = sum(take_out(tickets, ticket, person.address) for ticket in person.shared)
    for ticket in person.tickets:
        Tickets(tickets).erase(ticket)
    unrefer(tickets, {ticket.number for ticket in person.tickets}, progress)
    drop(tickets, [delivery_key(delivery.ses_id) for delivery in person.deliveries])
    drop(tickets, person.limits)
    progress("erasing mails that went out")
    ended = [mail for mail in person.mails if ends(deployment, mail)]
    messages = deployment.table("MessagesTable")
    drop(messages, [{"id": mail.id} for mail in ended])
    for mail in person.shared_mails:
        take_out_of_mail(messages, mail, person.address)
    drop(deployment.table("TokensTable"), [{"id": token} for token in person.tokens])
    entries = [{"address": person.address}] if person.known and not person.suppressions else []
    drop(deployment.table("RecipientsTable"), entries)
    return Erased(
        tickets=len(person.tickets),
        messages=blanked,
        received=len(person.deliveries),
        mails=len(ended),
        shared_mails=len(person.shared_mails),
        tokens=len(person.tokens),
        entries=len(entries),
        objects=len(person.objects),
        waiting=len(person.mails) - len(ended),
    )


def delete(deployment: Deployment, keys: list[str]) -> None:
    s3, bucket = deployment.client("s3"), deployment.output("MailBucket")
    for first in range(0, len(keys), AT_ONCE):
        some = [{"Key": key} for key in keys[first : first + AT_ONCE]]
        failed = s3.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True}).get("Errors", [])
        if failed:
            raise NotErased(f"{failed[0]['Key']}: {failed[0].get('Message', failed[0].get('Code'))}")


def take_out(table: Table, ticket: Ticket, address: str) -> int:
    """Take the person out of a ticket that is another's; gives how many messages changed. Whoever writes to it at the
    same time is not hindered: it is read again."""
    store, current = Tickets(table), ticket
    for _ in range(TRIES):
        messages = store.messages(current.number)
        changed = [(old, new) for old in messages if (new := erased(old, address)) != old]
        for old in (old for old, _ in changed if is_mail_of(old, address)):
            drop(table, [delivery_key(old.id)])
            drop(table, [reference_key(MESSAGE_ID, old.message_id)] if old.message_id else [])
        try:
            kept = [erased(message, address) for message in messages]
            rewrite(table, without(current, kept, address), [new for _, new in changed])
        except ConditionFailed:
            again = store.get(current.number)
            if not again:
                return 0
            current = again
        else:
            return len(changed)
    raise NotErased(f"ticket {ticket.number} is being written to all the time")


def take_out_of_mail(table: Table, mail: Message, address: str) -> None:
    try:
        shared_mail.rewrite(table, mail, shared_mail.without(mail, address))
    except ConditionFailed:
        raise NotErased(f"mail {mail.id} is being written to") from None


def unrefer(table: Table, numbers: set[int], progress: Progress) -> None:
    """Forget which mails belonged to tickets that are gone."""
    if numbers:
        gone = Attr("sk").eq("REF") & Attr("ticket").is_in(sorted(numbers)[:100])
        drop(table, [{"pk": item["pk"], "sk": item["sk"]} for item in every(table, "references", progress, gone)])
        unrefer(table, set(sorted(numbers)[100:]), progress)


def ends(deployment: Deployment, mail: Message) -> bool:
    """Whether a mail is no longer on its way; one that is scheduled is taken back."""
    if mail.state == SCHEDULED:
        near = (mail.send_at or "") < iso(now() + NEAR)
        return not near and call(deployment, "DELETE", f"/messages/{mail.id}").status == HTTPStatus.OK
    return mail.state not in {CLAIMED, *WAITING} or (mail.created_at or "") < iso(now() - SETTLED)


def drop(table: Table, keys: Iterable[dict[str, Any]]) -> None:
    with table.batch_writer(overwrite_by_pkeys=[key["AttributeName"] for key in table.key_schema]) as batch:
        for key in keys:
            batch.delete_item(Key=key)
