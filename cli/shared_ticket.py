"""A ticket without a person who only took part in it. Pure, but for `rewrite`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.shared.dynamodb import conditional
from lambdas.shared.recipients import canonical
from lambdas.shared.tickets.change import SEARCH, searched
from lambdas.shared.tickets.items import message_item, ticket_item
from lambdas.shared.tickets.ticket import ANSWER, CHANGE, NOTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.shared.tickets.ticket import Ticket, TicketMessage

ERASED = "(erased)"
OURS = {ANSWER, NOTE, CHANGE}


def without(ticket: Ticket, messages: Sequence[TicketMessage], address: str) -> Ticket:
    """The ticket's next version. What it is found by comes from `messages`, which are without the person already."""
    found_by = [searched(ticket.subject, ticket.requester, ticket.requester_name)]
    found_by += [searched(message.reply) for message in messages]
    return replace(
        ticket,
        participants=ticket.participants - {address},
        assignee=None if canonical(ticket.assignee or "") == address else ticket.assignee,
        search=" ".join(found_by)[:SEARCH],
        version=ticket.version + 1,
    )


def erased(message: TicketMessage, address: str) -> TicketMessage:
    """The message without the person: a mail of theirs loses all that it said, what they did for the team their name,
    and what others wrote their address."""
    if is_mail_of(message, address):
        gone = replace(message, sender=ERASED, sender_name="", subject="", text=ERASED, reply=ERASED, message_id=None)
        return replace(gone, raw_key="", flags=(), attachments=())
    named = naming(address)
    return replace(
        message,
        sender=named.sub(ERASED, message.sender),
        sender_name="" if canonical(message.sender) == address else named.sub(ERASED, message.sender_name),
        subject=named.sub(ERASED, message.subject),
        text=named.sub(ERASED, message.text),
        reply=named.sub(ERASED, message.reply),
        flags=tuple(named.sub(ERASED, flag) for flag in message.flags),
        recipients=tuple(to for to in message.recipients if canonical(to) != address),
    )


def naming(address: str) -> re.Pattern[str]:
    """The address in a text, and no other that ends or begins alike."""
    return re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)


def is_mail_of(message: TicketMessage, address: str) -> bool:
    """Whether the person wrote it as a customer, and not for the team."""
    return canonical(message.sender) == address and message.kind not in OURS


def rewrite(table: Table, ticket: Ticket, messages: Iterable[TicketMessage]) -> None:
    """Write messages over, then the ticket's next version, so that a run that ends between finds the person again.
    ConditionFailed where the ticket has been written since it was read."""
    for message in messages:
        with conditional():
            table.put_item(Item=message_item(ticket.number, message), ConditionExpression="attribute_exists(pk)")
    with conditional():
        table.put_item(
            Item=ticket_item(ticket),
            ConditionExpression="version = :read",
            ExpressionAttributeValues={":read": ticket.version - 1},
        )
