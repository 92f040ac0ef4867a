"""From a received mail to a ticket.

Every mail ends in one outcome, kept in the tickets table under its SES id. The outcome is written first and the
world told after; the mark `announced` comes last, so that a mail handled again says again what may not have been
heard, and does nothing else.

    quarantined, spam                 as SES says, for somebody to look at
    duplicate                         a second copy of another mail
    bounce, delay, complaint          a report; about a mail of a ticket, a note there
    answer, note                      a team member's mail, for the customer or, if that may not be, for the team
    reply                             a message in a ticket
    auto-reply                        in no ticket
    ticket                            a new one
    unreadable                        in the dead letters too
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.inbound.forward import forwarded_by
from lambdas.inbound.judge import unwanted
from lambdas.inbound.keep import REASON, SUBJECT, asked, author, content, cut, message, new_ticket, stored
from lambdas.inbound.team import ANSWER, NOTE, not_sent, reported
from lambdas.inbound.thread import Thread, find, kept, latest, participants, without_detail
from lambdas.shared.mail.mail import Unreadable
from lambdas.shared.mail.parse import parse
from lambdas.shared.queue import Rejected
from lambdas.shared.recipients import canonical
from lambdas.shared.tickets import change
from lambdas.shared.tickets.table import SES_ID, Tickets
from lambdas.shared.tickets.ticket import CLOSED, Attachment, Delivery, Mailbox, Ticket

if TYPE_CHECKING:
    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail

AUTO_REPLY, DUPLICATE = "auto-reply", "duplicate"
HELD_BACK = ("quarantined", "spam", DUPLICATE)  # of these no other mail is a mere copy


@dataclass(frozen=True, kw_only=True)
class Mailroom:
    """Where received mail is read from and goes to. `own` are the addresses that we write from: nobody takes part in a
    ticket by these."""

    read_raw: Callable[[str], bytes]
    store: Callable[[str, bytes, str], None]
    tickets: Tickets
    tell: Callable[[Delivery, Received, Mail], None]
    mailboxes: dict[str, Mailbox]
    own: frozenset[str]

    def receive(self, received: Received) -> None:
        """Give a received mail its outcome. Rejected if it cannot be read; its bytes stay in the bucket."""
        known = self.tickets.delivery(received.ses_id)
        if known and known.announced and known.outcome != received.released:
            return
        try:
            mail = parse(self.read_raw(received.raw_key))
        except Unreadable as unreadable:
            self.tickets.set_aside(self._delivery(received, "unreadable", reason=unreadable.reason))
            raise Rejected(f"{received.raw_key} cannot be read: {unreadable.reason}") from None
        filed = known if known and known.ticket else self._file(received, mail)
        if filed.ticket and not filed.announced:
            self.tell(filed, received, mail)

    def _file(self, received: Received, mail: Mail) -> Delivery:
        """Write the mail's outcome: the first of these that it has."""
        return (
            self._unwanted(received, mail)
            or self._copied(received, mail)
            or self._reported(received, mail)
            or self._threaded(received, mail, find(received, mail, self.tickets, self.mailboxes))
        )

    def _unwanted(self, received: Received, mail: Mail) -> Delivery | None:
        verdict = unwanted(received, self.mailboxes[self._mailbox(received)])
        return self._set_aside(received, mail, *verdict) if verdict else None

    def _copied(self, received: Received, mail: Mail) -> Delivery | None:
        first = self.tickets.original(content(mail, received.at), received.ses_id)
        if not first:
            return None
        reason = f"ticket {first.ticket} has this mail already" if first.ticket else f"a copy of {first.raw_key}"
        return self._set_aside(received, mail, DUPLICATE, reason, ticket=first.ticket)

    def _reported(self, received: Received, mail: Mail) -> Delivery | None:
        """A machine's report on a mail is never a ticket's mail; if it is on a mail of a ticket, the team is told."""
        if mail.kind not in {"bounce", "delay", "complaint"}:
            return None
        found = (self.tickets.find(SES_ID, ses_id) for ses_id in reported(mail) if mail.kind != "delay")
        ticket = next((ticket for ticket in found if ticket), None)
        reason = "; ".join(mail.reasons)
        if not ticket:
            return self._set_aside(received, mail, mail.kind, reason)
        return self._hand_over(received, mail, mail.kind, ticket, reason)

    def _threaded(self, received: Received, mail: Mail, thread: Thread) -> Delivery:
        if thread.ticket and thread.by_team:
            return self._by_team(received, mail, thread.ticket)
        ticket = latest(thread.ticket, self.tickets) if thread.ticket else None
        if ticket and ticket.status != CLOSED:
            return self._join(received, mail, thread, ticket)
        if mail.kind == AUTO_REPLY:
            return self._set_aside(received, mail, AUTO_REPLY, "; ".join(mail.reasons))
        return self._open(received, mail, thread.doubt, ticket)

    def _by_team(self, received: Received, mail: Mail, ticket: Ticket) -> Delivery:
        if mail.kind == AUTO_REPLY:
            return self._set_aside(received, mail, AUTO_REPLY, "; ".join(mail.reasons))
        self._store(received, mail)
        reason = not_sent(received, mail, ticket)
        return self._hand_over(received, mail, NOTE if reason else ANSWER, ticket, reason)

    def _join(self, received: Received, mail: Mail, thread: Thread, ticket: Ticket) -> Delivery:
        """Whom a mail names takes part from now on only if it is surely a participant's; its sender did before."""
        trusted = thread.by_token or received.dmarc == "PASS"
        joined = participants(mail, self.own)
        who = asked(received, mail)
        said = message(received, mail, who, self._store(received, mail), ())
        changed = change.received(ticket, said, joined if trusted else [canonical(who.email)])
        before = ticket.status if changed.status != ticket.status else None
        delivery = self._delivery(received, "reply", mail=mail, ticket=ticket.number, before=before)
        self.tickets.add(changed, said, delivery)
        return delivery

    def _open(self, received: Received, mail: Mail, doubt: str, closed: Ticket | None) -> Delivery:
        """Whom else a mail names takes part only if From is what it says (DMARC); of a closed ticket that this one goes
        on with, the requester too."""
        mailbox = self.mailboxes[self._mailbox(received)]
        forwarded = None if closed else forwarded_by(received, mail, mailbox, self.own)
        named = participants(mail, self.own) if received.dmarc == "PASS" and not forwarded else []
        who = forwarded or asked(received, mail)
        ticket = new_ticket(
            who,
            received.at,
            number=self.tickets.next_number(),
            mailbox=mailbox.address,
            others=[closed.requester, *named] if closed else named,
            follows=closed.number if closed else None,
        )
        said = message(received, mail, who, self._store(received, mail), [doubt])
        delivery = self._delivery(received, "ticket", mail=mail, ticket=ticket.number)
        self.tickets.open(ticket, said, delivery, kept(mail), closed=closed)
        return delivery

    def _hand_over(self, received: Received, mail: Mail, outcome: str, ticket: Ticket, reason: str) -> Delivery:
        delivery = self._delivery(received, outcome, mail=mail, ticket=ticket.number, reason=reason)
        self.tickets.hand_over(delivery, ticket.number, mail.message_id)
        return delivery

    def _set_aside(self, received: Received, mail: Mail, outcome: str, reason: str, **fields: Any) -> Delivery:
        delivery = self._delivery(received, outcome, mail=mail, reason=reason, announced=True, **fields)
        self.tickets.set_aside(delivery)
        return delivery

    def _store(self, received: Received, mail: Mail) -> list[Attachment]:
        """Put the mail's attachments into the bucket."""
        attachments = stored(received, mail)
        for attachment, file in zip(attachments, mail.attachments, strict=False):
            self.store(attachment.key, file.content, attachment.content_type)
        return attachments

    def _delivery(
        self, received: Received, outcome: str, *, mail: Mail | None = None, reason: str = "", **fields: Any
    ) -> Delivery:
        return Delivery(
            ses_id=received.ses_id,
            outcome=outcome,
            at=received.at,
            sender=author(received, mail) if mail else received.source,
            reason=cut(reason, REASON),
            subject=cut(mail.subject, SUBJECT) if mail else "",
            mailbox=self._mailbox(received),
            raw_key=received.raw_key,
            content=content(mail, received.at) if mail and outcome not in HELD_BACK else "",
            **fields,
        )

    def _mailbox(self, received: Received) -> str:
        """The first of our mailboxes that the mail was sent to."""
        matched = [without_detail(canonical(recipient)) for recipient in received.recipients]
        return next((address for address in matched if address in self.mailboxes), next(iter(self.mailboxes)))
