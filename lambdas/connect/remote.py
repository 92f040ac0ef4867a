"""A ticket system elsewhere, as far as a mailbox needs it: the words that its clients and their users share.

    RemoteError
    ├── TooMany       asked too often: not again for `seconds`
    ├── NotAllowed    the credentials, or what they may do: says what to change there
    ├── Gone          the ticket was deleted there, or hidden from us
    ├── Overtaken     its status is another by now, and stays
    └── Answered      with the request and the answer
        ├── Refused       this request will never be taken
        ├── Unavailable   surely not done; may work later
        │   └── Conflict  with a change made at the same time
        └── Unknown       may have been done: look for it before it is written again

No error's text, and no value's repr, holds a credential.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class RemoteError(Exception):
    """The message says what happened, for the operator."""


class TooMany(RemoteError):
    def __init__(self, seconds: float) -> None:
        super().__init__(f"asked too often; not again for {seconds:.0f} s")
        self.seconds = seconds


class NotAllowed(RemoteError):
    """The message says what to do."""


class Gone(RemoteError):
    pass


class Overtaken(RemoteError):
    pass


class Answered(RemoteError):
    """`request` and `answer` are excerpts to look at, without credentials; they may hold what customers wrote. Empty
    where there is none. `took` is for how many seconds the request was waited for."""

    took = 0.0

    def __init__(self, reason: str, request: str = "", answer: str = "", *, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.request = request
        self.answer = answer
        self.seconds = seconds

    @property
    def told(self) -> dict[str, str]:
        """For whoever looks at a dead letter."""
        return {"Request": self.request, "Answer": self.answer}


class Refused(Answered):
    pass


class Unavailable(Answered):
    """`seconds` is how long they ask us to wait, where they do."""


class Conflict(Unavailable):
    """With a change made at the same time (RFC 9110 section 15.5.10)."""


class Unknown(Answered):
    """`seconds` as above."""


@dataclass(frozen=True, kw_only=True)
class File:
    """A file to attach; `read` fetches its content when it is needed."""

    filename: str
    content_type: str
    size: int
    read: Callable[[], bytes]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A ticket to create. `marker` names it for ever: 1 to 100 of the characters A-Z a-z 0-9 . and -. `link` leads back
    to our ticket, "" if there is no such page; `text` is plain."""

    marker: str
    subject: str
    text: str
    requester_name: str
    requester_email: str
    link: str = ""
    attachments: tuple[File, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment to write; `marker` as that of an Opening. Not `public`: for the agents alone."""

    marker: str
    text: str
    public: bool
    attachments: tuple[File, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RemoteTicket:
    """`id` is what the other calls take, `key` what people call it, `url` its page."""

    id: str
    key: str
    url: str


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    filename: str
    url: str


@dataclass(frozen=True, kw_only=True)
class RemoteComment:
    """`marker` is None if we did not write it; `text` is plain, without the marker; `at` is ISO 8601 as they wrote it;
    `author` a name to show. `public`: an agent's word to the customer. What the customer wrote there is not: to send it
    to them would be an echo."""

    id: str
    marker: str | None
    author: str
    public: bool
    text: str
    at: str
    attachments: tuple[RemoteFile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Touched:
    """Ids, the last touched first; not `whole` if there are more, for which there is no time."""

    ids: tuple[str, ...]
    whole: bool = True


class Remote(Protocol):
    """Each call raises a RemoteError. Only create, finish, comment and set_status write, so only they raise Unknown."""

    @property
    def lag(self) -> float:
        """Seconds until find() surely sees what was created: until then, its None after an Unknown proves nothing."""

    def find(self, marker: str) -> RemoteTicket | None:
        """The ticket that create() made with this marker; the oldest, should there be several."""

    def create(self, opening: Opening) -> RemoteTicket:
        """Make the ticket. Call finish() once its id is recorded."""

    def finish(self, remote_id: str, opening: Opening, /) -> list[str]:
        """What create() leaves for later (Jira: attachments); again and again with no more effect than once. Gives the
        attachments that they will never take, each with the reason."""

    def comments(self, remote_id: str) -> list[RemoteComment]:
        """All of a ticket's comments, the oldest first. Where its opening text is one (Zendesk), it is left out."""

    def comment(self, remote_id: str, comment: Comment) -> str:
        """Write a comment; gives its id there. Attachments that they refuse are told of in the comment's text."""

    def status(self, remote_id: str) -> str:
        """One of lambdas.shared.tickets.ticket.STATUSES."""

    def set_status(self, remote_id: str, ours: str, over: str = "") -> str:
        """Bring the ticket as near to our status as their workflow goes; gives what status() then reads, which may be
        another: remember it, and take only a later difference for a change of theirs. `over` is what status() is to
        read before that: where somebody has made it another, even while this is done, theirs stays, and Overtaken."""

    def updated(self, since: datetime) -> Touched:
        """Our tickets touched since then, perhaps some more, perhaps without those of the last `lag` seconds."""

    def check(self) -> list[str]:
        """What is wrong with the set-up, in words; nothing if it is ready."""
