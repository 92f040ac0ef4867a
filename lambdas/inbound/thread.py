"""Which ticket a mail belongs to. Never by subject, and only for one who takes part in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambdas.shared.recipients import canonical
from lambdas.shared.tickets import MESSAGE_ID, TOKEN, Ticket, Tickets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail

# A reply token is the detail of the address that a mail of ours asked to reply to (RFC 5233). Lower-case
# base32: local parts may be lower-cased on the way.
DETAIL = re.compile(r"[^@+]+\+([a-z2-7]{26})@", re.IGNORECASE)
REFERENCES = 50  # looked up at most, the nearest first


def find(received: Received, mail: Mail, tickets: Tickets) -> Ticket | None:
    """The ticket that a mail replies to, if its sender is one of the participants."""
    sender = canonical(mail.sender.email) if mail.sender else ""
    for kind, value in references(received, mail):
        ticket = tickets.find(kind, value)
        if ticket and sender in ticket.participants:
            return ticket
    return None


def references(received: Received, mail: Mail) -> Iterator[tuple[str, str]]:
    """What a mail says it replies to, the surest first."""
    for recipient in received.recipients:
        if match := DETAIL.match(recipient):
            yield TOKEN, match[1].lower()
    seen = dict.fromkeys([*mail.in_reply_to, *reversed(mail.references)])
    for message_id in list(seen)[:REFERENCES]:
        yield MESSAGE_ID, message_id


def participants(mail: Mail, own: set[str]) -> set[str]:
    """Who takes part in a mail's conversation, besides ourselves."""
    people = [*([mail.sender] if mail.sender else []), *mail.to, *mail.cc]
    addresses = {canonical(address.email) for address in people if address.email}
    return {address for address in addresses if without_detail(address) not in own}


def without_detail(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return local.partition("+")[0] + at + domain
