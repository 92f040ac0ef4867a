"""Zendesk Support, by its Ticketing API version 2 (developer.zendesk.com/api-reference/ticketing)."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from lambdas.connect.http import Credentials, Http, content_type, promised, reason
from lambdas.connect.marking import UTF_8, clean, marked, marker, refused, unmarked
from lambdas.connect.remote import (
    Comment,
    Conflict,
    File,
    NotAllowed,
    Opening,
    Overtaken,
    Refused,
    RemoteComment,
    RemoteError,
    RemoteFile,
    RemoteTicket,
    Touched,
    Unavailable,
    Unknown,
)
from lambdas.shared.tickets.ticket import NEW, OPEN, STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

API = "/api/v2"
SUBJECT = 150  # characters
TEXT, MISSING = 60_000, 4_000  # bytes; a comment may have 64 KB (Ticket Comments)
PAGE, MOST_PAGES = 100, 100  # 100 pages of 100: offset pagination ends there (Pagination)
MOST_TOUCHED = 5_000  # 50 pages, for which an execution has time
SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)  # RFC 1123 section 2.1
NOT_ALLOWED = {
    401: "the e-mail address or the API token is wrong, or token access is switched off (Admin Center, Apps and"
    " integrations, Zendesk API); set them again",
    403: "the account must be an agent who may see all tickets, comment publicly, and be in the group",
}
GONE = "the ticket was deleted, or the account may no longer see it"


@dataclass(frozen=True, kw_only=True)
class ZendeskSettings:
    """`brand_id` and `group_id` are Zendesk's own numbers; None leaves it to Zendesk."""

    brand_id: int | None = None
    group_id: int | None = None
    tags: tuple[str, ...] = ("mailroom",)


def address(subdomain: str) -> str:
    """The base of an account, `acme` of acme.zendesk.com."""
    if not SUBDOMAIN.fullmatch(subdomain):
        raise ValueError(f"no subdomain of Zendesk: {subdomain!r} (the first part of https://SUBDOMAIN.zendesk.com)")
    return f"https://{subdomain}.zendesk.com"


class Zendesk:
    """`email` and `token` are those of an agent of its own: its comments with our mark are ours."""

    lag = 0.0  # lists are read from the records themselves, not from the search index

    def __init__(
        self,
        base: str,
        settings: ZendeskSettings,
        *,
        email: str,
        token: str,
        rest: Callable[[], float],
        now: Callable[[], float] = time.time,
    ) -> None:
        credentials = Credentials(user=f"{email}/token", password=token)
        self._http = Http(base, credentials, what="Zendesk", not_allowed=NOT_ALLOWED, gone=GONE, rest=rest, now=now)
        self._email = email
        self._settings = settings

    @promised(Unavailable)
    def find(self, marker: str) -> RemoteTicket | None:
        """An external_id is not unique: the oldest ticket with it is the one."""
        query = {"external_id": marker, "sort_by": "created_at", "sort_order": "asc"}
        found = self._http.call("GET", f"{API}/tickets", query=query)["tickets"]
        ours = sorted(ticket["id"] for ticket in found if ticket.get("external_id") == marker)
        return self._ticket(ours[0]) if ours else None

    @promised(Unknown)
    def create(self, opening: Opening) -> RemoteTicket:
        uploads, missing = self._uploads(opening.attachments)
        ticket = {
            "subject": clean(" ".join(opening.subject.split()) or "(no subject)", SUBJECT).replace("\n", " "),
            "comment": {"body": first(opening, missing), "public": True, "uploads": uploads},
            "external_id": marker(opening.marker),
            "tags": list(self._settings.tags),
            **({"requester": requester(opening)} if "@" in opening.requester_email else {}),
            **({"brand_id": self._settings.brand_id} if self._settings.brand_id else {}),
            **({"group_id": self._settings.group_id} if self._settings.group_id else {}),
        }
        headers = {"Idempotency-Key": opening.marker}
        try:
            answer = self._http.call("POST", f"{API}/tickets", data={"ticket": ticket}, headers=headers)
        except Refused as refusal:
            # The key came before with another body: with uploads each body is another (Introduction, "Idempotency").
            if "idempot" in reason(refusal.answer).lower():
                raise Unknown("Zendesk has had this ticket's idempotency key before") from None
            raise
        return self._ticket(answer["ticket"]["id"])

    def finish(self, _remote_id: str, _opening: Opening, /) -> list[str]:
        return []

    @promised(Unavailable)
    def comments(self, remote_id: str) -> list[RemoteComment]:
        """The first is the ticket's description."""
        pages = self._pages(f"{API}/tickets/{remote_id}/comments", "comments", {"sort_order": "asc"}, of_ticket=True)
        customer = self._get(remote_id).get("requester_id")
        return [self._comment(given, customer) for given in pages][1:]

    @promised(Unknown)
    def comment(self, remote_id: str, comment: Comment) -> str:
        _ = self._user  # before anything is written that could not be known again
        uploads, missing = self._uploads(comment.attachments)
        body = marked(clean(comment.text, TEXT, UTF_8) + missing, comment.marker)
        data = {"ticket": {"comment": {"body": body, "public": comment.public, "uploads": uploads}}}
        self._http.call("PUT", f"{API}/tickets/{remote_id}", data=data, of_ticket=True)
        return self._written(remote_id, comment.marker)

    @promised(Unavailable)
    def status(self, remote_id: str) -> str:
        return ours(self._get(remote_id)["status"])

    @promised(Unknown)
    def set_status(self, remote_id: str, ours_: str, over: str = "") -> str:
        """A ticket that was touched is never new again, and a closed one stays closed (Ticket statuses)."""
        there = self._get(remote_id)
        now = there["status"]
        if over and ours(now) != over:
            raise Overtaken(f"the ticket is {now} by now")
        if ours(now) == ours_ or ours_ == NEW or now == "closed":
            return ours(now)
        # A 409 if the ticket was touched since (Tickets, "Protecting against ticket update collisions").
        safely = {"safe_update": True, "updated_stamp": there["updated_at"]} if over else {}
        data = {"ticket": {"status": ours_, **safely}}
        try:
            answer = self._http.call("PUT", f"{API}/tickets/{remote_id}", data=data, of_ticket=True)
        except Conflict:
            if over and ours(self._get(remote_id)["status"]) != over:
                raise Overtaken("somebody changed the ticket's status at the same time") from None
            raise
        return ours(answer["ticket"]["status"])

    @promised(Unavailable)
    def updated(self, since: datetime) -> Touched:
        """Without those that came another way. Whoever touched it, the list has it."""
        query = {"sort_by": "updated_at", "sort_order": "desc"}
        second = since.replace(microsecond=0)
        listed = islice(self._pages(f"{API}/tickets", "tickets", query), MOST_TOUCHED + 1)
        found = list(takewhile(lambda ticket: datetime.fromisoformat(ticket["updated_at"]) >= second, listed))
        ids = (str(ticket["id"]) for ticket in found[:MOST_TOUCHED] if ticket.get("external_id"))
        return Touched(ids=tuple(ids), whole=len(found) <= MOST_TOUCHED)

    @promised(Unavailable)
    def check(self) -> list[str]:
        try:
            self._http.call("GET", f"{API}/tickets", query={"per_page": "1"})
            return [said for wrong, said in WRONG if wrong(self._user)]
        except NotAllowed as refusal:
            return [str(refusal)]

    @cached_property
    def _user(self) -> dict[str, Any]:
        """Our own. Without it no comment could be known as ours."""
        found = self._http.call("GET", f"{API}/users/search", query={"query": f"email:{self._email}"})["users"]
        for user in found:
            if (user.get("email") or "").lower() == self._email.lower():
                return dict(user)
        raise NotAllowed(f"Zendesk shows no user {self._email}; the account must be an agent of that address")

    def _written(self, remote_id: str, marker: str) -> str:
        """The id of a comment just written: the answer to it is the ticket without its comments."""
        query = {"sort_order": "desc", "per_page": "20"}
        try:
            latest = self._http.call("GET", f"{API}/tickets/{remote_id}/comments", query=query, of_ticket=True)
            ids = [str(given["id"]) for given in latest["comments"] if self._comment(given, None).marker == marker]
        except RemoteError as error:  # whatever keeps us from looking, the comment is there
            raise Unknown(f"the comment was taken, then: {error}", seconds=getattr(error, "seconds", None)) from None
        if not ids:
            raise Unknown("Zendesk took the comment and does not show it")
        return ids[-1]

    def _pages(
        self, path: str, name: str, query: dict[str, str], *, of_ticket: bool = False
    ) -> Iterator[dict[str, Any]]:
        for number in range(1, MOST_PAGES + 1):
            paged = {**query, "page": str(number), "per_page": str(PAGE)}
            page = self._http.call("GET", path, query=paged, of_ticket=of_ticket)
            yield from page[name]
            if not page.get("next_page"):
                return

    def _ticket(self, number: int) -> RemoteTicket:
        return RemoteTicket(id=str(number), key=f"#{number}", url=f"{self._http.base}/agent/tickets/{number}")

    def _get(self, remote_id: str) -> dict[str, Any]:
        return dict(self._http.call("GET", f"{API}/tickets/{remote_id}", of_ticket=True)["ticket"])

    def _uploads(self, files: tuple[File, ...]) -> tuple[list[str], str]:
        """The tokens of uploaded files, good for 60 minutes, and what to tell of those that were refused."""
        tokens, missing = [], []
        for file in files:
            if not file.size:
                missing.append(f"{file.filename}: it is empty")  # an upload must have a body
                continue
            headers = {"Content-Type": content_type(file.content_type)}
            query = {"filename": clean(file.filename, 255).replace("\n", " ")}
            try:
                answer = self._http.call(
                    "POST", f"{API}/uploads", query=query, body=file.read(), headers=headers, repeatable=True
                )
            except Refused as refusal:  # too large (50 MB), or a type that the account does not take
                missing.append(f"{file.filename}: {refusal}")
            else:
                tokens.append(answer["upload"]["token"])
        return tokens, clean(refused(missing), MISSING, UTF_8)

    def _comment(self, given: dict[str, Any], customer: int | None) -> RemoteComment:
        body = given.get("plain_body") or given.get("body") or ""
        text, mark = unmarked(body)
        mine = mark is not None and given.get("author_id") == self._user["id"]
        return RemoteComment(
            id=str(given["id"]),
            marker=mark if mine else None,
            author=name(given),
            public=given.get("public") is True and given.get("author_id") != customer,
            text=text if mine else body,
            at=str(given["created_at"]),
            attachments=tuple(
                RemoteFile(filename=file["file_name"], url=file["content_url"]) for file in given.get("attachments", [])
            ),
        )


def ours(status: str) -> str:
    """Open too where they have another: on hold it waits for a third party, and its requester is shown Open (Ticket
    statuses)."""
    return status if status in STATUSES else OPEN


def name(given: dict[str, Any]) -> str:
    """Whom a comment is by: its author is a number, and a name stands only where it came in by mail or the like."""
    origin = given.get("via", {}).get("source", {}).get("from", {})
    return str(origin.get("name") or f"Zendesk user {given.get('author_id')}")


def requester(opening: Opening) -> dict[str, str]:
    """Zendesk makes a user of it, who must have a name (Tickets, "Creating a ticket with a new requester")."""
    return {"name": opening.requester_name or opening.requester_email, "email": opening.requester_email}


def first(opening: Opening, missing: str) -> str:
    text = clean(opening.text, TEXT, UTF_8) or "(no text)"
    return text + missing + (f"\n\nTicket: {opening.link}" if opening.link else "")


# What keeps an account from working, of its user (Users).
WRONG: tuple[tuple[Callable[[dict[str, Any]], bool], str], ...] = (
    (lambda user: user.get("role") == "end-user", "the account is an end user; make it an agent"),
    (lambda user: user.get("suspended") is True, "the account is suspended"),
    (
        lambda user: user.get("only_private_comments") is True,
        "the account may comment privately alone; allow public comments",
    ),
    (
        lambda user: bool(user.get("ticket_restriction")),
        "the account sees not all tickets; give it access to all tickets",
    ),
)
