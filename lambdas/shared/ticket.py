"""Tickets, their messages, and received mails, as values. `tickets.py` keeps them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file of a message. `key` is its object in the mail bucket, `size` in bytes."""

    filename: str
    content_type: str
    size: int
    key: str


@dataclass(frozen=True, kw_only=True)
class TicketMessage:
    """A mail within a ticket. `reply` is what its author newly wrote, `text` the whole body."""

    ses_id: str
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


@dataclass(frozen=True, kw_only=True)
class Ticket:
    number: int
    subject: str
    status: str
    mailbox: str
    requester: str
    requester_name: str
    participants: frozenset[str]
    token: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What became of a received mail. `announced` once the events about it are out."""

    ses_id: str
    outcome: str
    at: str
    sender: str
    mailbox: str
    raw_key: str
    reason: str = ""
    subject: str = ""
    ticket: int | None = None
    announced: bool = False
