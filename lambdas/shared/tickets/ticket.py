"""Tickets, their messages, received mails and mailboxes, as values. `table.py` keeps them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NEW, OPEN, PENDING, SOLVED, CLOSED = STATUSES = ("new", "open", "pending", "solved", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")
# The kinds of a message. A mail's are those of lambdas/shared/mail/classify.py; these are our own: what a team member
# wrote to the customer, wrote for the team, and did to the ticket.
ANSWER, NOTE, CHANGE = "answer", "note", "change"
MAILROOM = "mailroom"  # who did what nobody of the team did


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """An address that is read. `acknowledgement` names the template that tells a sender of a new ticket; None: nobody
    is told. `team` are told of what comes in, and answer by mail. `spam`: "aside", or "ticket" for a ticket all the
    same. `signature` ends each answer."""

    name: str
    address: str
    acknowledgement: str | None = "acknowledgement"
    team: tuple[str, ...] = ()
    spam: str = "aside"
    signature: str = ""

    @classmethod
    def read(cls, text: str) -> dict[str, Mailbox]:
        """The mailboxes by address, of the JSON in a function's environment."""
        return {given["address"]: cls(**given | {"team": tuple(given["team"])}) for given in json.loads(text)}


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file of a message. `key` is its object in the mail bucket, `size` in bytes."""

    filename: str
    content_type: str
    size: int
    key: str


@dataclass(frozen=True, kw_only=True)
class TicketMessage:
    """A mail within a ticket, or what a team member did there. `id` is the SES id of a received mail, else that of the
    command; `reply` is what the author newly wrote, `text` the whole body. `raw_key` is empty where no mail came.
    `recipients` are whom an answer went to; `before` and `after` the ticket's status, where a member changed it."""

    id: str
    message_id: str | None
    at: str
    sender: str
    sender_name: str
    subject: str
    text: str
    reply: str
    kind: str
    flags: tuple[str, ...]
    raw_key: str
    attachments: tuple[Attachment, ...]
    recipients: tuple[str, ...] = ()
    before: str = ""
    after: str = ""


def of_id(messages: Iterable[TicketMessage], id: str) -> TicketMessage | None:
    """The one of a ticket's messages that has this id, whenever it was written: who asks twice does so at two times."""
    return next((message for message in messages if message.id == id), None)


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """`token` lets a participant's mail in, `team_token` a team member's. `follows` is the closed ticket that this one
    goes on with, `followed_by` the other way round. `search` is what a text is looked for in. `version` counts the
    writes: who writes says which one was read."""

    number: int
    subject: str
    status: str
    mailbox: str
    requester: str
    requester_name: str
    participants: frozenset[str]
    token: str
    team_token: str
    created_at: str
    updated_at: str
    assignee: str | None = None
    priority: str = "normal"
    tags: frozenset[str] = frozenset()
    follows: int | None = None
    followed_by: int | None = None
    search: str = ""
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What became of a received mail. `content` is what copies of it have in common, hashed. `announced` once the
    events about it are out; `before` is the status that its ticket had before it came, where it has another since."""

    ses_id: str
    outcome: str
    at: str
    sender: str
    mailbox: str
    raw_key: str
    reason: str = ""
    subject: str = ""
    ticket: int | None = None
    before: str | None = None
    content: str = ""
    announced: bool = False
