"""Telling the world what a received mail's outcome was, after it is written: by the bus, or by a command.

All of it may be told again, when a mail is handled a second time: with the same ids, so that nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.inbound.announce import acknowledgement, notification
from lambdas.inbound.judge import may_be_answered
from lambdas.inbound.keep import author
from lambdas.inbound.team import answer, note, report
from lambdas.shared.recipients import canonical
from lambdas.shared.tickets.events import message_event, status_event
from lambdas.shared.tickets.limit import Limit
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tickets.ticket import OPEN, Mailbox

if TYPE_CHECKING:
    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail
    from lambdas.shared.tickets.ticket import Delivery, Ticket, TicketMessage

# What goes out by itself, so that two programs that answer each other through us, without saying what they are, stop:
# acknowledgements to one address, and what the team is told of one ticket.
ACKNOWLEDGEMENTS = Limit(hour=2, day=5)
NOTIFICATIONS = Limit(hour=20, day=50)


@dataclass(frozen=True, kw_only=True)
class Telling:
    """`emit` puts (detail-type, detail) on the bus, `ask` (id, detail-type, time, detail) into the queue of `tickets`;
    `own` are the addresses that we write from."""

    tickets: Tickets
    emit: Callable[[str, dict[str, Any]], None]
    ask: Callable[[str, str, str, dict[str, Any]], None]
    mailboxes: dict[str, Mailbox]
    own: frozenset[str]

    def tell(self, filed: Delivery, received: Received, mail: Mail) -> None:
        TOLD[filed.outcome](self, filed, received, mail)
        self.tickets.announced(filed.ses_id)

    def opened(self, filed: Delivery, received: Received, mail: Mail) -> None:
        ticket, message = self._ticket(filed)
        mailbox = self.mailboxes.get(ticket.mailbox)
        self.emit("TicketOpened", message_event(ticket, message, id=message.id, status=ticket.status))
        if mailbox and self._acknowledges(mailbox, message, received, mail):
            self.emit("SendMail", acknowledgement(ticket, received, mail, mailbox))
        self._notify(ticket, message, received, "opened")

    def replied(self, filed: Delivery, received: Received, _mail: Mail) -> None:
        ticket, message = self._ticket(filed)
        self.emit("TicketReplied", message_event(ticket, message, id=message.id, status=ticket.status))
        if filed.before:
            self.emit("TicketStatusChanged", status_event(ticket, message, before=filed.before, status=OPEN))
        self._notify(ticket, message, received, "replied")

    def answered(self, filed: Delivery, received: Received, mail: Mail) -> None:
        self.ask(filed.ses_id, "AnswerTicket", filed.at, answer(filed, received, mail))

    def noted(self, filed: Delivery, received: Received, mail: Mail) -> None:
        self.ask(filed.ses_id, "NoteTicket", filed.at, note(filed, received, mail))

    def reported(self, filed: Delivery, received: Received, mail: Mail) -> None:
        self.ask(filed.ses_id, "NoteTicket", filed.at, report(filed, received, mail))

    def _ticket(self, filed: Delivery) -> tuple[Ticket, TicketMessage]:
        ticket = self.tickets.get(filed.ticket) if filed.ticket else None
        message = self.tickets.message(ticket.number, filed.at, filed.ses_id) if ticket else None
        if not ticket or not message:
            raise LookupError(f"delivery {filed.ses_id} names ticket {filed.ticket}, which has no such message")
        return ticket, message

    def _acknowledges(self, mailbox: Mailbox, message: TicketMessage, received: Received, mail: Mail) -> bool:
        """Whether a new ticket's mail is acknowledged: RFC 3834, within the limit, and not what somebody forwarded."""
        return (
            mailbox.acknowledgement is not None
            and message.sender == author(received, mail)
            and may_be_answered(received, mail, self.own, self.mailboxes.keys())
            and self._admits("acknowledgement", canonical(received.source), message, ACKNOWLEDGEMENTS)
        )

    def _notify(self, ticket: Ticket, message: TicketMessage, received: Received, kind: str) -> None:
        """Tell the team, but not a member of what they wrote themselves, nor anybody of what no person sent."""
        mailbox = self.mailboxes.get(ticket.mailbox)
        wanted = message.kind != "auto-reply" and received.spam != "FAIL"
        members = [member for member in mailbox.team if member != canonical(message.sender)] if mailbox else []
        if not (mailbox and members and wanted):
            return
        if self._admits("notification", str(ticket.number), message, NOTIFICATIONS):
            for member in members:
                self.emit("SendMail", notification(ticket, message, mailbox, member, kind))

    def _admits(self, kind: str, whom: str, message: TicketMessage, limit: Limit) -> bool:
        return self.tickets.admits(kind, whom, message.at, message.id, limit)


TOLD: dict[str, Callable[[Telling, Delivery, Received, Mail], None]] = {
    "ticket": Telling.opened,
    "reply": Telling.replied,
    "answer": Telling.answered,
    "note": Telling.noted,
    "bounce": Telling.reported,
    "complaint": Telling.reported,
}
