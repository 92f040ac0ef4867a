"""Which ticket a mail belongs to. Never by subject, and only for one who takes part in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.shared.recipients import canonical
from lambdas.shared.tickets.table import MESSAGE_ID, SES_ID, TEAM_TOKEN, TOKEN, Tickets
from lambdas.shared.tickets.ticket import CLOSED, Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail
    from lambdas.shared.tickets.ticket import Mailbox

# A reply token is the detail of the address that a mail of ours asked to reply to (RFC 5233). Lower-case
# base32: local parts may be lower-cased on the way.
DETAIL = re.compile(r"[^@+]+\+([a-z2-7]{26})@", re.IGNORECASE)
# SES writes a Message-ID of its own on what it sends: its id, at `email` in us-east-1 and elsewhere at the region's
# name. AWS does not promise the form; what does not fit it is a Message-ID like any other.
OURS = re.compile(r"([^@]+)@(?:email|[a-z]{2}(?:-[a-z]+)+-\d)\.amazonses\.com", re.IGNORECASE)
ROOT = "root"  # its own Message-ID, which mails that came before it may have named
REFERENCES, KEPT = 50, 10  # looked up at most, the nearest first; written with a new ticket
CHAIN = 100  # closed tickets that each go on with the one before
ADDRESS_OCTETS = 254  # RFC 5321 section 4.5.3.1.3, without the path's angle brackets


@dataclass(frozen=True, kw_only=True)
class Thread:
    """The ticket that a mail belongs to; or, in `doubt`, which one it names and why that is not enough. `by_team`: it
    answers what the ticket's team was told, and so is no customer's."""

    ticket: Ticket | None = None
    by_token: bool = False
    by_team: bool = False
    doubt: str = ""


def find(received: Received, mail: Mail, tickets: Tickets, mailboxes: Mapping[str, Mailbox]) -> Thread:
    """Where a mail belongs, if it says so and its sender takes part there.

    Who holds the token got it from us; a Message-ID travels with every copy of a mail, and so lets in only a sender
    that is surely who it says. Mails that name the same mail, which never came here, belong together; and that mail
    with them, should it come after all.
    """
    sender = canonical(mail.sender.email) if mail.sender else ""
    doubt = ""
    for kind, value in references(received, mail):
        ticket = tickets.root(value) if kind == ROOT else tickets.find(kind, value)
        if not ticket:
            continue
        mailbox = mailboxes.get(ticket.mailbox)
        if kind == TEAM_TOKEN and mailbox and sender in mailbox.team:
            return Thread(ticket=ticket, by_team=True)
        takes_part = kind != TEAM_TOKEN and sender in ticket.participants
        trusted = received.dmarc != "FAIL" if kind == TOKEN else received.authenticated
        if takes_part and trusted:
            return Thread(ticket=ticket, by_token=kind == TOKEN)
        doubt = doubt or f"answers ticket {ticket.number}, but its sender {missing(kind, takes_part=takes_part)}"
    return Thread(doubt=doubt)


def missing(kind: str, *, takes_part: bool) -> str:
    if kind == TEAM_TOKEN:
        return "is not of its team"
    return "is not authenticated" if takes_part else "takes no part in it"


def references(received: Received, mail: Mail) -> Iterator[tuple[str, str]]:
    """What a mail says it replies to, the surest first; last, what may say it of the mail."""
    for recipient in received.recipients:
        if match := DETAIL.match(recipient):
            yield TOKEN, match[1].lower()
            yield TEAM_TOKEN, match[1].lower()
    seen = answered(mail)[:REFERENCES]
    for message_id in seen:
        if ses_id := ours(message_id):
            yield SES_ID, ses_id
    for message_id in seen:
        yield MESSAGE_ID, message_id
    if mail.message_id and mail.message_id not in seen:
        yield ROOT, mail.message_id


def answered(mail: Mail) -> list[str]:
    """The Message-IDs that a mail names, the nearest first."""
    return list(dict.fromkeys([*mail.in_reply_to, *reversed(mail.references)]))


def kept(mail: Mail) -> list[str]:
    """Of these, those by which others may find its ticket: the nearest, and the thread's root."""
    named = answered(mail)
    return named if len(named) <= KEPT else [*named[: KEPT - 1], named[-1]]


def ours(message_id: str) -> str | None:
    """The id that SES gave a mail, by its Message-ID; None for one of another make."""
    match = OURS.fullmatch(message_id)
    return match[1] if match else None


def latest(ticket: Ticket, tickets: Tickets) -> Ticket:
    """The ticket that goes on with a closed one, or with that one, and so on."""
    for _ in range(CHAIN):
        after = tickets.get(ticket.followed_by) if ticket.followed_by else None
        if ticket.status != CLOSED or not after:
            break
        ticket = after
    return ticket


def participants(mail: Mail, own: Collection[str]) -> list[str]:
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
