"""From a received mail to a ticket.

Every mail ends in one outcome, kept in the tickets table under its SES id. The outcome is written first and the
world told after; the mark `announced` comes last, so that a mail handled again says again what may not have been
heard, and does nothing else.

    quarantined, spam                 as SES says, for somebody to look at
    aggregate, bad-aggregate          DMARC and TLS reports, at their own address; what is none that can be kept
    duplicate                         a second copy of another mail
    bounce, delay, complaint          a report; `feedback` hears of it; about a mail of a ticket, a note there
    answer, note                      a team member's mail, for the customer or, if that may not be, for the team
    reply                             a message in a ticket
    auto-reply                        in no ticket
    ticket                            a new one
    unreadable                        in the dead letters too
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lambdas.inbound.aggregate import Aggregates
from lambdas.inbound.forward import forwarded_by
from lambdas.inbound.judge import unwanted
from lambdas.inbound.keep import REASON, SUBJECT, asked, author, content, cut, message, new_ticket, stored
from lambdas.inbound.returned import event
from lambdas.inbound.team import ANSWER, NOTE, not_sent, reported
from lambdas.inbound.thread import Thread, find, kept, latest, participants, without_detail
from lambdas.shared.mail.mail import Unreadable
from lambdas.shared.mail.parse import parse
from lambdas.shared.queue import Rejected
from lambdas.shared.recipients import canonical
from lambdas.shared.tickets import change
from lambdas.shared.tickets.table import HELD, SES_ID, Tickets
from lambdas.shared.tickets.ticket import CLOSED, Attachment, Delivery, Mailbox, Ticket

if TYPE_CHECKING:
    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail

AUTO_REPLY, DUPLICATE = "auto-reply", "duplicate"
AGGREGATE, BAD_AGGREGATE = "aggregate", "bad-aggregate"
# Of mails with these outcomes no other is a mere copy.
NO_ORIGINALS = (*HELD, DUPLICATE, AGGREGATE, BAD_AGGREGATE)


@dataclass(frozen=True, kw_only=True)
class Post:
    """A received mail: what SES says of it, and what it says."""

    received: Received
    mail: Mail

    @cached_property
    def content(self) -> str:
        """Once: a mail has up to 40 MB."""
        return content(self.mail, self.received.at)


@dataclass(frozen=True, kw_only=True)
class Mailroom:
    """Where received mail is read from and goes to. `report` takes an event such as SES's for `feedback`; `own` are the
    addresses that we write from: nobody takes part in a ticket by these."""

    read_raw: Callable[[str], bytes]
    store: Callable[[str, bytes, str], None]
    tickets: Tickets
    tell: Callable[[Delivery, Received, Mail], None]
    report: Callable[[str, dict[str, Any]], None]
    mailboxes: dict[str, Mailbox]
    aggregates: Aggregates
    own: frozenset[str]

    @property
    def addresses(self) -> frozenset[str]:
        """All that mail is received for."""
        return frozenset({*self.mailboxes, self.aggregates.address} - {""})

    def receive(self, received: Received) -> None:
        """Give a received mail its outcome. Rejected if it cannot be read; its bytes stay in the bucket."""
        known = self.tickets.delivery(received.ses_id)
        if known and known.announced and known.outcome != received.released:
            return
        try:
            mail = parse(self.read_raw(received.raw_key))
        except Unreadable as unreadable:
            self.tickets.set_aside(self._unreadable(received, unreadable.reason))
            raise Rejected(f"{received.raw_key} cannot be read: {unreadable.reason}") from None
        filed = known if known and known.ticket else self._file(Post(received=received, mail=mail))
        if filed.ticket and not filed.announced:
            self.tell(filed, received, mail)

    def _file(self, post: Post) -> Delivery:
        """Write the mail's outcome: the first of these that it has."""
        return (
            self._unwanted(post)
            or self._aggregate(post)
            or self._copied(post)
            or self._reported(post)
            or self._threaded(post, find(post.received, post.mail, self.tickets, self.mailboxes))
        )

    def _unwanted(self, post: Post) -> Delivery | None:
        mailbox = self.mailboxes.get(self._mailbox(post.received), self.aggregates.mailbox)
        verdict = unwanted(post.received, mailbox)
        return self._set_aside(post, *verdict) if verdict else None

    def _aggregate(self, post: Post) -> Delivery | None:
        """A mail to the reports' address. One without a report, that went to a mailbox too, is for people."""
        if not self.aggregates.takes(post.received):
            return None
        kept = self.aggregates.keep(post.received, post.mail)
        if kept.told and not kept.faults:
            return self._set_aside(post, AGGREGATE, kept.reason)
        if not kept.told and self._mailbox(post.received) in self.mailboxes:
            return None
        delivery = self._delivery(post, BAD_AGGREGATE, reason=kept.reason)  # not announced: it may be tried again
        self.tickets.set_aside(delivery)
        return delivery

    def _copied(self, post: Post) -> Delivery | None:
        first = self.tickets.original(post.content, post.received.ses_id)
        if not first:
            return None
        reason = f"ticket {first.ticket} has this mail already" if first.ticket else f"a copy of {first.raw_key}"
        return self._set_aside(post, DUPLICATE, reason, ticket=first.ticket)

    def _reported(self, post: Post) -> Delivery | None:
        """A machine's report on a mail is never a ticket's mail; if it is on a mail of a ticket, the team is told.
        `feedback` is told before the outcome says that it was: it knows a report again."""
        if post.mail.kind not in {"bounce", "delay", "complaint"}:
            return None
        if told := event(post.received, post.mail):
            self.report(post.received.ses_id, told)
        found = (self.tickets.find(SES_ID, ses_id) for ses_id in reported(post.mail) if post.mail.kind != "delay")
        ticket = next((ticket for ticket in found if ticket), None)
        reason = "; ".join(post.mail.reasons)
        if not ticket:
            return self._set_aside(post, post.mail.kind, reason)
        return self._hand_over(post, post.mail.kind, ticket, reason)

    def _threaded(self, post: Post, thread: Thread) -> Delivery:
        if thread.ticket and thread.by_team:
            return self._by_team(post, thread.ticket)
        ticket = latest(thread.ticket, self.tickets) if thread.ticket else None
        if ticket and ticket.status != CLOSED:
            return self._join(post, thread, ticket)
        if post.mail.kind == AUTO_REPLY:
            return self._set_aside(post, AUTO_REPLY, "; ".join(post.mail.reasons))
        return self._open(post, thread.doubt, ticket)

    def _by_team(self, post: Post, ticket: Ticket) -> Delivery:
        if post.mail.kind == AUTO_REPLY:
            return self._set_aside(post, AUTO_REPLY, "; ".join(post.mail.reasons))
        self._store(post)
        reason = not_sent(post.received, post.mail, ticket)
        return self._hand_over(post, NOTE if reason else ANSWER, ticket, reason)

    def _join(self, post: Post, thread: Thread, ticket: Ticket) -> Delivery:
        """Whom a mail names takes part from now on only if it is surely a participant's; its sender did before."""
        trusted = thread.by_token or post.received.dmarc == "PASS"
        joined = participants(post.mail, self.own)
        who = asked(post.received, post.mail)
        said = message(post.received, post.mail, who, self._store(post), ())
        changed = change.received(ticket, said, joined if trusted else [canonical(who.email)])
        before = ticket.status if changed.status != ticket.status else None
        delivery = self._delivery(post, "reply", ticket=ticket.number, before=before)
        self.tickets.add(changed, said, delivery)
        return delivery

    def _open(self, post: Post, doubt: str, closed: Ticket | None) -> Delivery:
        """Whom else a mail names takes part only if From is what it says (DMARC); of a closed ticket that this one goes
        on with, the requester too."""
        mailbox = self.mailboxes[self._mailbox(post.received)]
        forwarded = None if closed else forwarded_by(post.received, post.mail, mailbox, self.own)
        named = participants(post.mail, self.own) if post.received.dmarc == "PASS" and not forwarded else []
        who = forwarded or asked(post.received, post.mail)
        ticket = new_ticket(
            who,
            post.received.at,
            number=self.tickets.next_number(),
            mailbox=mailbox.address,
            others=[closed.requester, *named] if closed else named,
            follows=closed.number if closed else None,
        )
        said = message(post.received, post.mail, who, self._store(post), [doubt])
        delivery = self._delivery(post, "ticket", ticket=ticket.number)
        self.tickets.open(ticket, said, delivery, kept(post.mail), closed=closed)
        return delivery

    def _hand_over(self, post: Post, outcome: str, ticket: Ticket, reason: str) -> Delivery:
        delivery = self._delivery(post, outcome, ticket=ticket.number, reason=reason)
        self.tickets.hand_over(delivery, ticket.number, post.mail.message_id)
        return delivery

    def _set_aside(self, post: Post, outcome: str, reason: str, **fields: Any) -> Delivery:
        delivery = self._delivery(post, outcome, reason=reason, announced=True, **fields)
        self.tickets.set_aside(delivery)
        return delivery

    def _store(self, post: Post) -> list[Attachment]:
        """Put the mail's attachments into the bucket."""
        attachments = stored(post.received, post.mail)
        for attachment, file in zip(attachments, post.mail.attachments, strict=False):
            self.store(attachment.key, file.content, attachment.content_type)
        return attachments

    def _delivery(self, post: Post, outcome: str, *, reason: str = "", **fields: Any) -> Delivery:
        return Delivery(
            ses_id=post.received.ses_id,
            outcome=outcome,
            at=post.received.at,
            sender=author(post.received, post.mail),
            reason=cut(reason, REASON),
            subject=cut(post.mail.subject, SUBJECT),
            mailbox=self._mailbox(post.received),
            raw_key=post.received.raw_key,
            content="" if outcome in NO_ORIGINALS else post.content,
            **fields,
        )

    def _unreadable(self, received: Received, reason: str) -> Delivery:
        return Delivery(
            ses_id=received.ses_id,
            outcome="unreadable",
            at=received.at,
            sender=received.source,
            reason=cut(reason, REASON),
            mailbox=self._mailbox(received),
            raw_key=received.raw_key,
        )

    def _mailbox(self, received: Received) -> str:
        """The first of our mailboxes that the mail was sent to; the reports' address if it was sent to no other."""
        matched = [without_detail(canonical(recipient)) for recipient in received.recipients]
        otherwise = self.aggregates.address if self.aggregates.takes(received) else next(iter(self.mailboxes))
        return next((address for address in matched if address in self.mailboxes), otherwise)
