"""What ticket systems elsewhere have of our tickets, the same of each kind, as their stand-ins tell it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdas.connect.adf_text import plain
from lambdas.connect.jira import CATEGORY
from local.standins import jira, zendesk
from local.standins.there import There
from local.standins.workflow import STATUSES


@dataclass(frozen=True, kw_only=True)
class Counterpart:
    """`comments` are (text, whether it is by our account), without what it was opened with; `status` is comparable with
    that of System.status."""

    id: str
    subject: str
    comments: list[tuple[str, bool]]
    status: str


@dataclass(frozen=True, kw_only=True)
class System:
    """`feed` is the mailbox whose tickets it gets; `read` makes a counterpart of one of its state's tickets; `status`
    says what becomes of ours there; `comment` is (method, path, status) of how it refuses a comment on the one of an
    id."""

    name: str
    feed: str
    read: Callable[[dict[str, Any]], Counterpart]
    status: Callable[[str], str]
    comment: tuple[str, str, int]

    def counterparts(self, there: There) -> list[Counterpart]:
        return [self.read(ticket) for ticket in there.tickets]

    def refuse(self, there: There, id: str) -> None:
        """Take no comment on this one, ever."""
        method, path, status = self.comment
        there.fail("before", status=status, times=None, method=method, path=path.format(id=id))


def issue(given: dict[str, Any]) -> Counterpart:
    by = jira.OURS["accountId"]
    comments = [(plain(each["body"]), each["author"]["accountId"] == by) for each in given["comments"]]
    status = STATUSES[given["status"]]
    return Counterpart(id=given["id"], subject=given["fields"]["summary"], comments=comments, status=status)


def ticket(given: dict[str, Any]) -> Counterpart:
    comments = [(each["body"], each["author_id"] == zendesk.OURS) for each in given["comments"][1:]]
    return Counterpart(id=str(given["id"]), subject=given["subject"], comments=comments, status=given["status"])


SYSTEMS = (
    System(
        name="jira",
        feed="shop@acme.test",
        read=issue,
        status=CATEGORY.__getitem__,
        comment=("POST", "/issue/{id}/comment$", 400),
    ),
    System(name="zendesk", feed="travel@acme.test", read=ticket, status=str, comment=("PUT", "/tickets/{id}$", 422)),
)
