"""Taking over what was written and changed elsewhere, as commands to `tickets`, each with the id of what it comes of.

No echo: a comment with our marker is ours, and so is one whose id we were given when we wrote it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from lambdas.shared.tickets.ticket import CLOSED, SOLVED
from lambdas.shared.timestamps import iso, parsed

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.connect.remote import RemoteComment
    from lambdas.connect.work import Job, Work
    from lambdas.shared.tickets.links import Link
    from lambdas.shared.tickets.ticket import Ticket

TEXT = 60_000  # bytes: a command is a message of 256 KB
BY, FLAG, FLAGS = 250, 900, 10  # characters of a name; of a flag, and how many
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True)
class Pull:
    work: Work

    def pull(self, name: str, remote: str, ends: datetime) -> None:
        """Take over what is new in one of theirs; nothing if it is none of ours. Later."""
        number = self.work.links.ticket_of(name, remote)
        if number:
            self.work.alone(number, name, ends, partial(self._take_over, remote))

    def _take_over(self, remote: str, link: Link, job: Job) -> None:
        """The status is read first: a comment that comes with a change of it is then not taken over without it. An
        answer to what is solved, and stays so, leaves it solved here too."""
        ticket = self.work.tickets.get(link.number)
        if not ticket or link.remote != remote:
            return
        there = self._there(link, job, ticket)
        changed = there if there not in {link.theirs, ticket.status} and ticket.status != CLOSED else ""
        after = changed or (there if there == ticket.status == SOLVED else "")
        ours = {*link.done.values(), *link.pulled}
        answered = False
        for comment in job.remote.comments(remote):
            if comment.marker is None and comment.id not in ours:
                asked = command(comment, ticket, link.destination, self.work.now(), after)
                self.work.ask(*asked)
                link = self.work.links.pull(link, comment.id)
                answered |= "status" in asked[-1]
        self._settle(link, ticket, there, "" if answered else changed)

    def _there(self, link: Link, job: Job, ticket: Ticket) -> str:
        """Their status; while ours has one to bring there that they have not refused, which goes first, what it was."""
        if ticket.status in {link.ours, link.theirs, *link.refused}:
            return job.remote.status(link.remote)
        detail = {"ticket": link.number, "destination": link.destination}
        self.work.ask_ourselves(f"{link.destination}-status", "SyncTicket", detail)
        return link.theirs

    def _settle(self, link: Link, ticket: Ticket, there: str, changed: str) -> None:
        if changed:
            detail = {"ticket": ticket.number, "by": link.destination, "status": changed}
            named = f"{link.destination}-status-{link.turn}-{changed}"
            self.work.ask(named, "ChangeTicket", iso(self.work.now()), detail)
        if there != link.theirs:
            link = self.work.links.write(link, theirs=there, turn=link.turn + 1)
        if not link.looked:
            self.work.links.write(link, looked=True)


def command(
    comment: RemoteComment, ticket: Ticket, name: str, now: datetime, status: str
) -> tuple[str, str, str, dict[str, Any]]:
    """(id, detail-type, time, detail) of AnswerTicket for what is meant for the customer, else of NoteTicket. `status`:
    the ticket's after an answer; "" for what an answer makes of it."""
    flags = [f"{name} keeps an attachment: {file.filename} {file.url}" for file in comment.attachments]
    text = said(comment.text)
    if len(comment.text.encode(errors="replace")) > TEXT:
        flags.append(f"{name} keeps the rest: a text here ends after {TEXT:,} bytes")
    answers = comment.public and ticket.status != CLOSED and bool(text)
    if comment.public and not answers:
        why = f"ticket {ticket.number} is closed" if ticket.status == CLOSED else "it has no text"
        flags.insert(0, f"not sent to the customer: {why}")
    detail = {
        "ticket": ticket.number,
        "text": text or "(no text)",
        "by": (line(comment.author)[:BY] + f" ({name})").strip(),
        **({"flags": [line(flag)[:FLAG] for flag in flags[:FLAGS]]} if flags else {}),
        **({"status": status} if answers and status else {}),
    }
    return f"{name}-{comment.id}", "AnswerTicket" if answers else "NoteTicket", moment(comment.at, now), detail


def said(text: str) -> str:
    """As much of it as a command holds, without a character that is none."""
    plain = CONTROLS.sub("", text).encode(errors="replace")
    return plain[:TEXT].decode(errors="ignore").strip()


def line(text: str) -> str:
    return " ".join(CONTROLS.sub("", text).split())


def moment(at: str, now: datetime) -> str:
    """Their time as the table holds times; now, where theirs is none, or is to come."""
    try:
        return min(iso(parsed(at)), iso(now))
    except (ValueError, OverflowError):
        return iso(now)
