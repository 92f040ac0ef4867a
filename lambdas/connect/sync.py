"""Bringing a ticket elsewhere to the state that ours is in: the ticket, then each message in order, then the status.

Our record first: before anything is written there, the link says what. After a crash, or an answer that never came, the
next synchronisation looks for that before it writes it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from lambdas.connect.remote import Comment, File, Opening, Overtaken, Refused, RemoteError, Unknown
from lambdas.connect.work import GRACE, refusal
from lambdas.shared.queue import Later
from lambdas.shared.tickets.links import message_hash
from lambdas.shared.tickets.ticket import ANSWER, CHANGE, MAILROOM, NEW, NOTE
from lambdas.shared.timestamps import iso, parsed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lambdas.connect.work import Job, Work
    from lambdas.shared.tickets.links import Link
    from lambdas.shared.tickets.ticket import Attachment, Ticket, TicketMessage

# How long they may still be at work on a request that we gave up, so that what is not there then will not come.
SETTLED = timedelta(seconds=60)
REFUSED_AGAIN = timedelta(minutes=15)  # until what was refused is tried again: a redrive comes later than that

UNKNOWN = {"ours": "", "theirs": ""}

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Sync:
    """`read` gives the content of an object of the mail bucket, None if it is no longer there."""

    work: Work
    read: Callable[[str], bytes | None]

    def sync(self, number: int, name: str, ends: datetime) -> None:
        """Later if not all is done, Rejected if they refuse the ticket itself for good. A message that they refuse, and
        a status, has a dead letter of its own."""
        self.work.alone(number, name, ends, self._bring)

    def _bring(self, link: Link, job: Job) -> None:
        work = self.work
        messages = work.tickets.messages(link.number)
        ticket = work.tickets.get(link.number)
        if not ticket or not messages:
            return
        if not link.remote:
            link = self._open(link, job, ticket, messages)
        if not link.looked:  # their rules may have written before their webhook could name a ticket that we know
            work.ask_ourselves(f"looked-{link.number}", "PullTicket", pulling(link))
        if not link.finished:
            link = self._finish(link, job, opening(ticket, opened_with(link, messages), job, self.read))
        link = self._comment(link, job, ticket, messages)
        self._status(link, job, ticket, messages)

    def _open(self, link: Link, job: Job, ticket: Ticket, messages: Sequence[TicketMessage]) -> Link:
        first = opened_with(link, messages) if link.trying else messages[0]
        asked = opening(ticket, first, job, self.read)
        link = self.work.links.write(link, opening=hashed(first)) if link.opening != hashed(first) else link
        link, made = self._once(
            link,
            job,
            asked.marker,
            lag=timedelta(seconds=job.remote.lag),
            look=lambda: job.remote.find(asked.marker),
            write=lambda: job.remote.create(asked),
        )
        return self.work.links.opened(link, remote=made.id, key=made.key, url=made.url)

    def _finish(self, link: Link, job: Job, asked: Opening) -> Link:
        if missing := job.remote.finish(link.remote, asked):
            text = f"{link.key} in {link.destination} has not all attachments:\n" + "\n".join(missing)
            detail = {"ticket": link.number, "by": MAILROOM, "text": text[:10_000]}
            self.work.ask(f"{link.destination}-attachments", "NoteTicket", iso(self.work.now()), detail)
        return self.work.links.write(link, finished=True)

    def _comment(self, link: Link, job: Job, ticket: Ticket, messages: Sequence[TicketMessage]) -> Link:
        """Each message that is not there yet. One that they refuse does not keep back those after it; it is passed over
        once its dead letter is sure, whatever fails after that."""
        for message in self._pending(link, job, ticket, messages):
            try:
                link = self._say(link, job, ticket, message)
            except Refused as error:
                link = self._refused(link, hashed(message), error)
        return link

    def _refused(self, link: Link, what: str, error: Refused) -> Link:
        """Remember that they refused a message, or a status, once its dead letter is sure."""
        detail = {"ticket": link.number, "destination": link.destination}
        self.work.bury(f"refused-{what}", "SyncTicket", detail, refusal(link.destination, error))
        return self.work.links.refuse(link, what, iso(self.work.now()))

    def _pending(self, link: Link, job: Job, ticket: Ticket, messages: Sequence[TicketMessage]) -> list[TicketMessage]:
        """In their order; but first the one that may be there already, so that this is found out."""
        pending = [
            message
            for message in messages
            if message.kind != CHANGE
            and not job.destination.told(message.id)
            and hashed(message) != link.opening
            and hashed(message) not in link.done
            and not self._lately_refused(link, hashed(message))
        ]
        return sorted(pending, key=lambda message: comment_marker(ticket, message) != link.trying)

    def _lately_refused(self, link: Link, what: str) -> bool:
        return link.refused.get(what, "") >= iso(self.work.now() - REFUSED_AGAIN)

    def _say(self, link: Link, job: Job, ticket: Ticket, message: TicketMessage) -> Link:
        remote, said = job.remote, comment(ticket, message, self.read)
        if link.theirs == NEW and remote.status(link.remote) == NEW:
            # Zendesk opens a new ticket that is touched: no change of an agent's.
            link = self.work.links.write(link, **UNKNOWN)
        link, made = self._once(
            link,
            job,
            said.marker,
            lag=timedelta(),
            look=lambda: next((c.id for c in remote.comments(link.remote) if c.marker == said.marker), None),
            write=lambda: remote.comment(link.remote, said),
        )
        return self.work.links.commented(link, hashed(message), made)

    def _once(
        self,
        link: Link,
        job: Job,
        marker: str,
        *,
        lag: timedelta,
        look: Callable[[], T | None],
        write: Callable[[], T],
    ) -> tuple[Link, T]:
        """What `write` gives; or what `look` finds of an earlier try whose outcome nobody knows, and while it may still
        come, Later."""
        links, now = self.work.links, self.work.now
        if link.trying == marker:
            if (found := look()) is not None:
                return link, found
            if (left := (parsed(link.trying_until) - now()).total_seconds()) > 0:
                raise Later(left + 1, f"whether {link.destination} took {marker} is not known yet")
        self.work.in_time(job)
        link = links.write(link, trying=marker, trying_until=iso(job.ends + GRACE + lag))
        try:
            return link, write()
        except Unknown:
            links.write(link, trying_until=iso(now() + SETTLED + lag))
            raise
        except RemoteError:  # surely not done
            links.write(link, trying="", trying_until="")
            raise

    def _status(self, link: Link, job: Job, ticket: Ticket, messages: Sequence[TicketMessage]) -> None:
        """What they themselves changed and we took over is there already. While we write, nothing is known, so that
        nobody takes what is there for a change of theirs. What they refuse waits, and keeps back no change of theirs.
        """
        links, status = self.work.links, ticket.status
        if status == link.theirs != link.ours:
            links.brought(link, ours=status, theirs=status)
            return
        if status == link.ours or self._lately_refused(link, status):
            return
        before = link.theirs if came_of_theirs(messages, job) else ""
        self.work.in_time(job)
        link = links.write(link, **UNKNOWN)
        try:
            theirs = job.remote.set_status(link.remote, status, before)
        except Overtaken:  # they have gone on: that is pulled, not written over
            links.brought(link, ours=status, theirs=before)
            self.work.ask_ourselves(f"{link.destination}-status", "PullTicket", pulling(link))
        except Refused as error:
            link = links.write(link, theirs=job.remote.status(link.remote))
            self._refused(link, status, error)
        else:
            links.brought(link, ours=status, theirs=theirs)


def pulling(link: Link) -> dict[str, str]:
    """The detail of PullTicket."""
    return {"destination": link.destination, "remote": link.remote}


def came_of_theirs(messages: Sequence[TicketMessage], job: Job) -> bool:
    """Whether the last change of our status is the effect of what they said or did."""
    changes = [message for message in messages if message.after]
    return bool(changes) and job.destination.told(changes[-1].id)


def hashed(message: TicketMessage) -> str:
    return message_hash(message.at, message.id)


def opened_with(link: Link, messages: Sequence[TicketMessage]) -> TicketMessage:
    return next((message for message in messages if hashed(message) == link.opening), messages[0])


def marker(ticket: Ticket) -> str:
    """No other ticket has it, not even one of another stage with the same number: it comes of the ticket's secret, and
    does not give it away."""
    return f"{ticket.number}-{hashlib.sha256(f'marker|{ticket.token}'.encode()).hexdigest()[:16]}"


def comment_marker(ticket: Ticket, message: TicketMessage) -> str:
    return f"{marker(ticket)}.{hashed(message)}"


def opening(ticket: Ticket, message: TicketMessage, job: Job, read: Callable[[str], bytes | None]) -> Opening:
    return Opening(
        marker=marker(ticket),
        subject=ticket.subject,
        text=message.text or message.reply,  # what it quotes is nowhere else there
        requester_name=ticket.requester_name,
        requester_email=ticket.requester,
        link=job.destination.page(ticket.number),
        attachments=files(message, read),
    )


def comment(ticket: Ticket, message: TicketMessage, read: Callable[[str], bytes | None]) -> Comment:
    """A customer's mail and an answer are public, and say whose they are: there all are by our one account."""
    who = f"{message.sender_name} <{message.sender}>" if message.sender_name else message.sender
    verb = {ANSWER: "answered", NOTE: "noted"}.get(message.kind, "wrote")
    return Comment(
        marker=comment_marker(ticket, message),
        text=f"{who} {verb}:\n\n{message.reply or message.text}",
        public=message.kind != NOTE,
        attachments=files(message, read),
    )


def files(message: TicketMessage, read: Callable[[str], bytes | None]) -> tuple[File, ...]:
    return tuple(_file(attachment, read) for attachment in message.attachments)


def _file(attachment: Attachment, read: Callable[[str], bytes | None]) -> File:
    def content() -> bytes:
        if (found := read(attachment.key)) is None:
            raise Refused("it is no longer kept", "", "")  # as if they had refused it: the rest goes on
        return found

    return File(filename=attachment.filename, content_type=attachment.content_type, size=attachment.size, read=content)
