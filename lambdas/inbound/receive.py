"""From a received mail to a ticket.

Every mail ends in one outcome, kept in the tickets table under its SES id. The outcome is written first and the
world told after; the mark `announced` comes last, so that a mail handled again says again what may not have been
heard, and does nothing else.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.inbound.announce import acknowledgement, ticket_event
from lambdas.inbound.judge import may_be_answered, set_aside
from lambdas.inbound.keep import REASON, SUBJECT, author, cut, message, new_ticket, stored
from lambdas.inbound.thread import Thread, find, participants, without_detail
from lambdas.shared.mail.mail import Unreadable
from lambdas.shared.mail.parse import parse
from lambdas.shared.queue import Rejected
from lambdas.shared.recipients import canonical
from lambdas.shared.tickets import change
from lambdas.shared.tickets.limit import Limit
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tickets.ticket import Delivery, Ticket, TicketMessage
from lambdas.shared.tokens.make import base32

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail

ACKNOWLEDGEMENTS = Limit(hour=2, day=5)  # to one address


@dataclass(frozen=True, kw_only=True)
class Mailroom:
    """Where received mail is read from and goes to."""

    read_raw: Callable[[str], bytes]
    store: Callable[[str, bytes, str], None]
    tickets: Tickets
    emit: Callable[[str, dict[str, Any]], None]
    sender: str
    mailboxes: dict[str, str]

    @property
    def own(self) -> set[str]:
        """The addresses that we write from: nobody takes part in a ticket, or is answered, by these."""
        return {self.sender, *self.mailboxes}

    def receive(self, received: Received) -> None:
        """Give a received mail its outcome. Rejected if it cannot be read; its bytes stay in the bucket."""
        known = self.tickets.delivery(received.ses_id)
        if known and known.announced:
            return
        try:
            mail = parse(self.read_raw(received.raw_key))
        except Unreadable as unreadable:
            self.tickets.set_aside(self._delivery(received, "unreadable", reason=unreadable.reason))
            raise Rejected(f"{received.raw_key} cannot be read: {unreadable.reason}") from None
        filed = known if known and known.ticket else self._file(received, mail)
        if filed.ticket:
            self._announce(filed, received, mail)

    def _file(self, received: Received, mail: Mail) -> Delivery:
        """Write the mail's outcome: a message in a ticket, a new ticket, or neither."""
        aside = set_aside(received, mail)
        thread = find(received, mail, self.tickets) if not aside or aside[0] == "auto-reply" else Thread()
        if thread.ticket:
            delivery = self._delivery(received, "reply", mail=mail, ticket=thread.ticket.number)
            trusted = thread.by_token or received.dmarc == "PASS"
            joined = participants(mail, self.own) if trusted else []
            kept = self._keep(received, mail)
            ticket = change.received(thread.ticket, kept, joined)
            self.tickets.add(ticket, kept, delivery)
        elif aside:
            outcome, reason = aside
            delivery = self._delivery(received, outcome, reason=reason, mail=mail, announced=True)
            self.tickets.set_aside(delivery)
        else:
            ticket = self._new_ticket(received, mail)
            delivery = self._delivery(received, "ticket", mail=mail, ticket=ticket.number)
            self.tickets.open(ticket, self._keep(received, mail, thread.doubt), delivery)
        return delivery

    def _announce(self, filed: Delivery, received: Received, mail: Mail) -> None:
        ticket = self.tickets.get(filed.ticket) if filed.ticket else None
        if not ticket:
            raise LookupError(f"delivery {filed.ses_id} names ticket {filed.ticket}, which is not there")
        detail_type = "TicketOpened" if filed.outcome == "ticket" else "TicketReplied"
        self.emit(detail_type, ticket_event(ticket, received, mail))
        if filed.outcome == "ticket" and self._answers(received, mail):
            self.emit("SendMail", acknowledgement(ticket, received, mail, self.mailboxes[ticket.mailbox]))
        self.tickets.announced(received.ses_id)

    def _answers(self, received: Received, mail: Mail) -> bool:
        """Whether the mail is acknowledged; few enough that two programs which answer each other stop."""
        allowed = may_be_answered(received, mail, self.own)
        whom = canonical(received.source)
        return allowed and self.tickets.admits("acknowledgement", whom, received.at, received.ses_id, ACKNOWLEDGEMENTS)

    def _new_ticket(self, received: Received, mail: Mail) -> Ticket:
        return new_ticket(
            received,
            mail,
            number=self.tickets.next_number(),
            mailbox=self._mailbox(received),
            tokens=(base32(secrets.token_bytes(16)), base32(secrets.token_bytes(16))),
            own=self.own,
        )

    def _keep(self, received: Received, mail: Mail, doubt: str = "") -> TicketMessage:
        """The mail as a message, its attachments stored."""
        kept = stored(received, mail)
        for attachment, file in zip(kept, mail.attachments, strict=False):
            self.store(attachment.key, file.content, attachment.content_type)
        return message(received, mail, kept, (doubt,) if doubt else ())

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
            **fields,
        )

    def _mailbox(self, received: Received) -> str:
        """The first of our mailboxes that the mail was sent to."""
        matched = [without_detail(canonical(recipient)) for recipient in received.recipients]
        return next((address for address in matched if address in self.mailboxes), next(iter(self.mailboxes)))
