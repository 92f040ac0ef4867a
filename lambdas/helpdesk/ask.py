"""What a team asks of a ticket, checked and put into the queue of `tickets`, which performs it.

KeyReused     another answer, or note, was asked for with the same idempotency key
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lambdas.shared.bucket import attachments_of
from lambdas.shared.messages import message_id
from lambdas.shared.queue import Rejected
from lambdas.shared.tickets.change import Closed, tagged
from lambdas.shared.tickets.files import Different
from lambdas.shared.tickets.ticket import CLOSED, of_id
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from lambdas.shared.schemas import Schemas
    from lambdas.shared.tickets.files import TicketFiles
    from lambdas.shared.tickets.table import Tickets
    from lambdas.shared.tickets.ticket import Ticket

CHANGES = ("status", "assignee", "priority", "tags")


class KeyReused(Exception):
    def __init__(self) -> None:
        super().__init__("something else was asked of this ticket with this idempotency key")


@dataclass(frozen=True, kw_only=True)
class Commands:
    """Each gives the id of the message that the command will leave on its ticket: the same for the same key."""

    schemas: Schemas
    tickets: Tickets
    files: TicketFiles
    put: Callable[[dict[str, Any]], None]
    now: Callable[[], datetime]

    def reply(self, ticket: Ticket, key: str, asked: dict[str, Any]) -> str:
        return self._ask(ticket, key, "AnswerTicket", self.schemas.check("TicketReply", asked))

    def note(self, ticket: Ticket, key: str, asked: dict[str, Any]) -> str:
        return self._ask(ticket, key, "NoteTicket", self.schemas.check("TicketNote", asked))

    def change(self, ticket: Ticket, key: str, asked: dict[str, Any]) -> str:
        checked = self.schemas.check("TicketChange", asked)
        if not any(name in checked for name in CHANGES):
            raise Rejected(f"there is nothing to change: give one of {', '.join(CHANGES)}")
        return self._ask(ticket, key, "ChangeTicket", checked)

    def _ask(self, ticket: Ticket, key: str, command: str, asked: dict[str, Any]) -> str:
        command_id = message_id(f"ticket|{ticket.number}|{key}")
        contents = [decoded(file) for file in asked.get("attachments", ())]
        if self._performed(ticket, command_id, asked):
            return command_id
        possible(ticket, command, asked)
        detail = {"ticket": ticket.number, **asked}
        if contents:
            detail["attachments"] = [
                self._stored(f"{attachments_of(command_id)}{number}", file, content)
                for number, (file, content) in enumerate(zip(asked["attachments"], contents, strict=True))
            ]
        self.schemas.check(command, detail)
        self.put({"id": command_id, "detail-type": command, "time": iso(self.now()), "detail": detail})
        return command_id

    def _performed(self, ticket: Ticket, command_id: str, asked: dict[str, Any]) -> bool:
        """Whether this was asked for, and done, before; a repeat must not be refused for what it did itself."""
        done = of_id(self.tickets.messages(ticket.number), command_id)
        if done and "text" in asked and done.text != asked["text"]:
            raise KeyReused
        return done is not None

    def _stored(self, key: str, file: dict[str, Any], content: bytes) -> dict[str, Any]:
        """The file in the bucket, as the command names it: a queue's message holds no files."""
        try:
            self.files.keep(key, content, file["content_type"])
        except Different:
            raise KeyReused from None
        return {"filename": file["filename"], "content_type": file["content_type"], "size": len(content), "key": key}


def possible(ticket: Ticket, command: str, asked: dict[str, Any]) -> None:
    """Impossible, where the ticket as it is now will not take it."""
    if ticket.status == CLOSED and command != "NoteTicket":
        raise Closed(ticket)
    if tags := asked.get("tags"):
        tagged(ticket, tags.get("add", ()), tags.get("remove", ()))


def decoded(file: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(file["content"], validate=True)
    except ValueError:
        raise Rejected(f"{file['filename']}: its content is not base64") from None
