"""What a team does to a ticket: answers, notes and changes, each once, however often it is asked for.

What is done is written first, the ticket's next version and the message in one transaction, and the world told after.
A command that comes again finds its message, and tells again what may not have been heard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lambdas.shared.bucket import outgoing_of
from lambdas.shared.messages import message_id
from lambdas.shared.queue import Rejected
from lambdas.shared.tickets import answer, change
from lambdas.shared.tickets.events import event_id, message_event, status_event
from lambdas.shared.tickets.ticket import (
    ANSWER,
    CHANGE,
    CLOSED,
    MAILROOM,
    NOTE,
    OPEN,
    PENDING,
    SOLVED,
    Attachment,
    Mailbox,
    Ticket,
    TicketMessage,
    of_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambdas.shared.tickets.table import Tickets


@dataclass(frozen=True, kw_only=True)
class Team:
    """`copy` copies an object of the mail bucket, which is named `bucket`, to another key."""

    tickets: Tickets
    mailboxes: dict[str, Mailbox]
    emit: Callable[[str, dict[str, Any]], None]
    copy: Callable[[str, str], None]
    bucket: str

    def answer(self, command: dict[str, Any]) -> None:
        """Write an answer to the people of a ticket, and mail it to each. What was made of the status after the answer
        was written stands: commands may overtake one another."""
        ticket, messages = self._read(command)
        asked = said(command, ANSWER)
        done = of_id(messages, asked.id)
        if not done:
            recipients = answer.people(ticket, self.mailboxes.values())
            if not recipients:
                raise Rejected(f"ticket {ticket.number} has nobody who could be answered")
            overtaken = any(message.after and message.at > asked.at for message in messages)
            status = None if overtaken else command["detail"].get("status", PENDING)
            done = self._act(ticket, replace(asked, recipients=recipients), status=status)
        self._mail(ticket, done, messages)
        self.emit("TicketAnswered", written(ticket, done))
        self._tell(ticket, done)

    def note(self, command: dict[str, Any], *, wake: bool = False) -> None:
        """Write what only the team reads; `wake`: and what it has to look at, so that the ticket is open again."""
        ticket, messages = self._read(command)
        asked = said(command, NOTE)
        status = OPEN if wake and ticket.status in {PENDING, SOLVED} else None
        done = of_id(messages, asked.id) or self._act(ticket, asked, status=status)
        self.emit("TicketNoted", written(ticket, done))
        self._tell(ticket, done)

    def change(self, command: dict[str, Any]) -> None:
        """Change a ticket's status, assignee, priority or tags."""
        ticket, messages = self._read(command)
        self._tell(ticket, of_id(messages, command["id"]) or self._change(ticket, command))

    def close(self, command: dict[str, Any]) -> None:
        """Close a solved ticket, unless it was written to again since it was found to be due."""
        ticket, messages = self._read(command)
        done = of_id(messages, command["id"])
        if not done and (ticket.status != SOLVED or ticket.updated_at >= command["detail"]["before"]):
            return
        detail = {"ticket": ticket.number, "by": MAILROOM, "status": CLOSED}
        self._tell(ticket, done or self._change(ticket, command | {"detail": detail}))

    def _read(self, command: dict[str, Any]) -> tuple[Ticket, list[TicketMessage]]:
        """A command's ticket, and its messages: what this command did when it came before is among them."""
        ticket = self.tickets.get(command["detail"]["ticket"])
        if not ticket:
            raise Rejected(f"there is no ticket {command['detail']['ticket']}")
        return ticket, self.tickets.messages(ticket.number)

    def _change(self, ticket: Ticket, command: dict[str, Any]) -> TicketMessage:
        detail = command["detail"]
        tags = detail.get("tags", {})
        try:
            changed = change.tagged(ticket, tags.get("add", ()), tags.get("remove", ()))
        except change.Impossible as impossible:
            raise Rejected(str(impossible)) from None
        fields = {name: detail[name] for name in ("assignee", "priority") if name in detail}
        fields |= {"tags": changed} if tags else {}
        text = told(ticket, fields | ({"status": detail["status"]} if "status" in detail else {}))
        asked = replace(said(command, CHANGE), text=text, reply=text)
        return self._act(ticket, asked, status=detail.get("status"), **fields)

    def _act(
        self, ticket: Ticket, message: TicketMessage, *, status: str | None = None, **fields: Any
    ) -> TicketMessage:
        try:
            new = replace(change.acted(ticket, message, status), **fields)
        except change.Impossible as impossible:
            raise Rejected(str(impossible)) from None
        if new.status != ticket.status:
            message = replace(message, before=ticket.status, after=new.status)
        self.tickets.act(new, message)
        return message

    def _mail(self, ticket: Ticket, done: TicketMessage, messages: Iterable[TicketMessage]) -> None:
        mailbox = self.mailboxes.get(ticket.mailbox) or next(iter(self.mailboxes.values()))
        earlier = [message for message in messages if (message.at, message.id) < (done.at, done.id)]
        for mail in answer.mails(ticket, mailbox, done, earlier):
            files = [self._file(mail["idempotency_key"], *each) for each in enumerate(done.attachments)]
            self.emit("SendMail", mail | ({"attachments": files} if files else {}))

    def _file(self, key: str, number: int, attachment: Attachment) -> dict[str, Any]:
        """An attachment of a SendMail, as a copy that the outbox may read."""
        copied = f"{outgoing_of(message_id(key))}{number}"
        self.copy(attachment.key, copied)
        return {
            "filename": attachment.filename,
            "content_type": attachment.content_type,
            "s3": {"bucket": self.bucket, "key": copied},
        }

    def _tell(self, ticket: Ticket, done: TicketMessage) -> None:
        if not done.after:
            return
        self.emit("TicketStatusChanged", event := status_event(ticket, done, before=done.before, status=done.after))
        if done.after == CLOSED:
            self.emit("TicketClosed", event)


def written(ticket: Ticket, done: TicketMessage) -> dict[str, Any]:
    """The detail of TicketAnswered and TicketNoted."""
    return message_event(ticket, done, id=event_id(ticket, done), status=done.after or ticket.status)


def said(command: dict[str, Any], kind: str) -> TicketMessage:
    """A command as the message that it leaves on its ticket."""
    detail = command["detail"]
    text = detail.get("text", "")
    return TicketMessage(
        id=command["id"],
        message_id=None,
        at=command["time"],
        sender=detail["by"],
        sender_name="",
        subject="",
        text=text,
        reply=text,
        kind=kind,
        flags=tuple(detail.get("flags", ())),
        raw_key=detail.get("raw_key", ""),
        attachments=tuple(Attachment(**file) for file in detail.get("attachments", ())),
    )


def told(ticket: Ticket, fields: dict[str, Any]) -> str:
    """What changes, a line each: `status: open -> solved`."""
    lines = [f"{name}: {shown(getattr(ticket, name))} -> {shown(value)}" for name, value in fields.items()]
    return "\n".join(lines)


def shown(value: str | frozenset[str] | None) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    return value or "nobody"
