"""Which ticket a mail belongs to. Never by subject, and only for one who takes part in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.shared.recipients import canonical
from lambdas.shared.tickets.table import MESSAGE_ID, SES_ID, TOKEN, Tickets
from lambdas.shared.tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail

# A reply token is the detail of the address that a mail of ours asked to reply to (RFC 5233). Lower-case
# base32: local parts may be lower-cased on the way.
DETAIL = re.compile(r"[^@+]+\+([a-z2-7]{26})@", re.IGNORECASE)
# SES writes a Message-ID of its own on what it sends: its id, at `email` in us-east-1 and elsewhere at the region's
# name. AWS does not promise the form; what does not fit it is a Message-ID like any other.
OURS = re.compile(r"([^@]+)@(?:email|[a-z]{2}(?:-[a-z]+)+-\d)\.amazonses\.com", re.IGNORECASE)
REFERENCES = 50  # looked up at most, the nearest first
ADDRESS_OCTETS = 254  # RFC 5321 section 4.5.3.1.3, without the path's angle brackets


@dataclass(frozen=True, kw_only=True)
class Thread:
    """The ticket that a mail belongs to; or, in `doubt`, which one it names and why that is not enough."""

    ticket: Ticket | None = None
    by_token: bool = False
    doubt: str = ""


def find(received: Received, mail: Mail, tickets: Tickets) -> Thread:
    """Where a mail belongs, if it says so and its sender takes part there.

    Who holds the token got it from us; a Message-ID travels with every copy of a mail, and so lets in only a sender
    that is surely who it says.
    """
    sender = canonical(mail.sender.email) if mail.sender else ""
    doubt = ""
    for kind, value in references(received, mail):
        ticket = tickets.find(kind, value)
        if not ticket:
            continue
        trusted = received.dmarc != "FAIL" if kind == TOKEN else received.authenticated
        if trusted and sender in ticket.participants:
            return Thread(ticket=ticket, by_token=kind == TOKEN)
        why = "is not authenticated" if sender in ticket.participants else "takes no part in it"
        doubt = doubt or f"answers ticket {ticket.number}, but its sender {why}"
    return Thread(doubt=doubt)


def references(received: Received, mail: Mail) -> Iterator[tuple[str, str]]:
    """What a mail says it replies to, the surest first."""
    for recipient in received.recipients:
        if match := DETAIL.match(recipient):
            yield TOKEN, match[1].lower()
    seen = list(dict.fromkeys([*mail.in_reply_to, *reversed(mail.references)]))[:REFERENCES]
    for message_id in seen:
        if match := OURS.fullmatch(message_id):
            yield SES_ID, match[1]
    for message_id in seen:
        yield MESSAGE_ID, message_id


def participants(mail: Mail, own: set[str]) -> list[str]:
    """Who takes part in a mail's conversation, besides ourselves, in the order of the mail."""
    people = [*([mail.sender] if mail.sender else []), *mail.to, *mail.cc]
    addresses = dict.fromkeys(canonical(address.email) for address in people)
    return [
        address
        for address in addresses
        if "@" in address and len(address.encode()) <= ADDRESS_OCTETS and without_detail(address) not in own
    ]


def without_detail(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return local.partition("+")[0] + at + domain
