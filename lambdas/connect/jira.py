"""Jira Cloud, by its platform REST API version 3 (developer.atlassian.com/cloud/jira/platform/rest/v3)."""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from urllib3 import encode_multipart_formdata

from lambdas.connect.adf import document
from lambdas.connect.adf_text import plain
from lambdas.connect.http import Credentials, Http, content_type, promised
from lambdas.connect.jira_check import check
from lambdas.connect.marking import clean, marked, marker, refused, units, unmarked
from lambdas.connect.remote import (
    Comment,
    File,
    Opening,
    Overtaken,
    Refused,
    RemoteComment,
    RemoteTicket,
    Touched,
    Unavailable,
    Unknown,
)
from lambdas.shared.tickets.ticket import CLOSED, NEW, OPEN, PENDING, SOLVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

API = "/rest/api/3"
PROPERTY = "mailroom"  # the issue's entity property that holds our marker; at most 255 characters (setIssueProperty)
SUMMARY, TEXT = 255, 30_000  # characters; Jira takes 32,767 of a text (jira.text.field.character.limit)
PAGE, MOST_PAGES = 100, 100
MOST_TOUCHED = 5_000  # 50 pages, for which an execution has time
SITE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)  # RFC 1123 section 2.1
SERVICE_DESK = "service_desk"  # projectTypeKey of a service project, the one kind that has customers
TO_CUSTOMER = re.compile(r"\s*@customer\b[:,]?[ \t]*\n?", re.IGNORECASE)
NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\"/\\]")
# Status categories are the same in every project (status category keys: undefined, new, indeterminate, done).
OURS = {"new": NEW, "indeterminate": OPEN, "done": SOLVED}
CATEGORY = {NEW: "new", OPEN: "indeterminate", PENDING: "indeterminate", SOLVED: "done", CLOSED: "done"}
MAPPABLE: dict[str, Callable[[Opening], str]] = {
    "requester_email": lambda opening: opening.requester_email,
    "requester_name": lambda opening: opening.requester_name,
    "subject": lambda opening: opening.subject,
    "link": lambda opening: opening.link,
    "marker": lambda opening: opening.marker,
}
NOT_ALLOWED = {
    401: "the e-mail address or the API token is wrong, or the token has expired; set them again",
    403: "the account lacks a permission in this project: it needs Browse projects, Create issues, Edit issues,"
    " Transition issues, Add comments and Create attachments",
}
GONE = "the issue was deleted, or the account may no longer browse it"


@dataclass(frozen=True, kw_only=True)
class JiraSettings:
    """`fields` puts what MAPPABLE names into fields of text: {"customfield_10001": "requester_email"}. `statuses` says
    which of our statuses one of theirs is by its name, where its category alone says too little."""

    project: str
    issue_type: str
    label: str = "mailroom"
    fields: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)


def address(site: str) -> str:
    """The base of a site, `acme` of acme.atlassian.net."""
    if not SITE.fullmatch(site):
        raise ValueError(f"no site of Jira Cloud: {site!r} (the first part of https://SITE.atlassian.net)")
    return f"https://{site}.atlassian.net"


class Jira:
    """`email` and `token` are those of an account of its own: its comments with our mark are ours.

    A comment of theirs is public where the customer would see it in a service project. In other projects nobody but the
    team sees any, so one is meant for the customer if it begins with @customer, and internal if not.
    """

    lag = 60.0  # JQL finds what it has indexed: "Recent updates might not be immediately visible" (search/jql)

    def __init__(
        self,
        base: str,
        settings: JiraSettings,
        *,
        email: str,
        token: str,
        rest: Callable[[], float],
        now: Callable[[], float] = time.time,
    ) -> None:
        credentials = Credentials(user=email, password=token)
        self._http = Http(base, credentials, what="Jira", not_allowed=NOT_ALLOWED, gone=GONE, rest=rest, now=now)
        self._settings = settings
        self._now = now

    @promised(Unavailable)
    def find(self, marker: str) -> RemoteTicket | None:
        """By its label, then by its property: a person can copy a label with an issue."""
        found = self._search(f'labels = "{label(marker)}" ORDER BY created ASC', properties=PROPERTY)
        ours = (i for i in found if i.get("properties", {}).get(PROPERTY, {}).get("marker") == marker)
        return next((self._ticket(issue) for issue in ours), None)

    @promised(Unknown)
    def create(self, opening: Opening) -> RemoteTicket:
        extra = {name: clean(MAPPABLE[source](opening), SUMMARY) for name, source in self._settings.fields.items()}
        fields = {
            "project": {"key": self._settings.project},
            "issuetype": {"name": self._settings.issue_type},
            "summary": clean(" ".join(opening.subject.split()) or "(no subject)", SUMMARY).replace("\n", " "),
            "description": document(description(opening)),
            "labels": [self._settings.label, label(opening.marker)],
            **{name: value for name, value in extra.items() if value},
        }
        data = {"fields": fields, "properties": [{"key": PROPERTY, "value": {"marker": opening.marker}}]}
        return self._ticket(self._http.call("POST", f"{API}/issue", data=data))

    @promised(Unknown)
    def finish(self, remote_id: str, opening: Opening) -> list[str]:
        return self._attach(remote_id, opening.attachments)

    @promised(Unavailable)
    def comments(self, remote_id: str) -> list[RemoteComment]:
        """Without attachments: those of Jira belong to the issue, not to a comment."""
        given = list(self._pages(f"{API}/issue/{remote_id}/comment", "comments"))
        customers = bool(given) and (self._issue(remote_id, "project") or {}).get("projectTypeKey") == SERVICE_DESK
        return [self._comment(each, customers=customers) for each in given]

    @promised(Unknown)
    def comment(self, remote_id: str, comment: Comment) -> str:
        """Attachments belong to the issue, so they go first: once the comment is there, nothing is missing."""
        missing = refused(self._attach(remote_id, comment.attachments))
        names = "".join(f"\n- {form_name(file.filename)}" for file in comment.attachments)
        tail = clean((f"\n\nAttachments:{names}" if names else "") + missing, TEXT // 3)
        text = clean(comment.text, TEXT - units(tail)) + tail
        data = {
            "body": document(marked(text, comment.marker)),
            # What makes a comment of a service project internal (Jira Service Management Cloud, "Internal comments").
            "properties": [{"key": "sd.public.comment", "value": {"internal": not comment.public}}],
        }
        answer = self._http.call("POST", f"{API}/issue/{remote_id}/comment", data=data, of_ticket=True)
        return str(answer["id"])

    @promised(Unavailable)
    def status(self, remote_id: str) -> str:
        return self._ours(self._status(remote_id))

    @promised(Unknown)
    def set_status(self, remote_id: str, ours: str, over: str = "") -> str:
        """By the first transition that leads to a fitting status; where their workflow has none, it stays. A transition
        has no condition, so what it has written over is read afterwards, and put back."""
        now = self._status(remote_id)
        if over and self._ours(now) != over:
            raise Overtaken(f"the issue is {now['name']} by now")
        if self._fits(now, ours):
            return self._ours(now)
        made = self._move(remote_id, lambda to: self._fits(to, ours))
        if made and over and (theirs := self._written_over(remote_id, made)) not in {now["id"], made["id"]}:
            self._move(remote_id, lambda to: to["id"] == theirs)
            raise Overtaken("somebody moved the issue at the same time")
        return self._ours(made or now)

    def _move(self, remote_id: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        """The status that the first transition to a fitting one has led to."""
        path = f"{API}/issue/{remote_id}/transitions"
        for transition in self._http.call("GET", path, of_ticket=True)["transitions"]:
            to: dict[str, Any] = transition["to"]
            if transition.get("isAvailable", True) and fits(to):
                self._http.call("POST", path, data={"transition": {"id": transition["id"]}}, of_ticket=True)
                return to
        return None

    def _written_over(self, remote_id: str, made: dict[str, Any]) -> str:
        """The id of the status that the last move to this one came from, by the issue's changelog."""
        query = {"fields": "status", "expand": "changelog"}
        issue = self._http.call("GET", f"{API}/issue/{remote_id}", query=query, of_ticket=True)
        changes = sorted(issue["changelog"]["histories"], key=lambda change: int(change["id"]))
        moves = [item for change in changes for item in change["items"] if item["field"] == "status"]
        return next((str(item["from"]) for item in reversed(moves) if item["to"] == made["id"]), str(made["id"]))

    @promised(Unavailable)
    def updated(self, since: datetime) -> Touched:
        """JQL reads a date in the account's own time zone; minutes before now are the same everywhere."""
        minutes = max(1, math.ceil((self._now() - since.timestamp()) / 60) + 1)
        found = self._search(f'labels = "{self._settings.label}" AND updated >= -{minutes}m ORDER BY updated DESC')
        ids = [str(issue["id"]) for issue in islice(found, MOST_TOUCHED + 1)]
        return Touched(ids=tuple(ids[:MOST_TOUCHED]), whole=len(ids) <= MOST_TOUCHED)

    @promised(Unavailable)
    def check(self) -> list[str]:
        given = self._settings
        return check(self._http, project=given.project, issue_type=given.issue_type, fields=given.fields)

    @cached_property
    def _account(self) -> str:
        return str(self._http.call("GET", f"{API}/myself")["accountId"])

    def _search(self, jql: str, properties: str = "") -> Iterator[dict[str, Any]]:
        query = {
            "jql": jql,
            "fields": "labels",
            "maxResults": str(PAGE),
            **({"properties": properties} if properties else {}),
        }
        for _ in range(MOST_PAGES):
            page = self._http.call("GET", f"{API}/search/jql", query=query)
            yield from page["issues"]
            if not (token := page.get("nextPageToken")):
                return
            query["nextPageToken"] = token

    def _pages(self, path: str, name: str) -> Iterator[dict[str, Any]]:
        start = 0
        while True:
            query = {"startAt": str(start), "maxResults": str(PAGE), "orderBy": "created"}
            page = self._http.call("GET", path, query=query, of_ticket=True)
            yield from page[name]
            start += len(page[name])
            if not page[name] or start >= page["total"]:
                return

    def _issue(self, remote_id: str, name: str) -> Any:
        """One field of an issue, None if it has none."""
        issue = self._http.call("GET", f"{API}/issue/{remote_id}", query={"fields": name}, of_ticket=True)
        return issue.get("fields", {}).get(name)

    def _ticket(self, issue: dict[str, Any]) -> RemoteTicket:
        return RemoteTicket(id=issue["id"], key=issue["key"], url=f"{self._http.base}/browse/{issue['key']}")

    def _status(self, remote_id: str) -> dict[str, Any]:
        status: dict[str, Any] = self._issue(remote_id, "status")
        return status

    def _ours(self, status: dict[str, Any]) -> str:
        by_category = OURS.get(status.get("statusCategory", {}).get("key", ""), OPEN)
        return self._settings.statuses.get(status["name"], by_category)

    def _fits(self, status: dict[str, Any], ours: str) -> bool:
        statuses = self._settings.statuses
        if ours in statuses.values() or status["name"] in statuses:
            return statuses.get(status["name"]) == ours
        return bool(status.get("statusCategory", {}).get("key") == CATEGORY[ours])

    def _attach(self, remote_id: str, files: tuple[File, ...]) -> list[str]:
        """Upload what the issue has not yet: a file of that name and size is taken for the same."""
        if not files:
            return []
        there = Counter((file["filename"], file["size"]) for file in self._issue(remote_id, "attachment") or [])
        missing = []
        for file in files:
            known = form_name(file.filename), file.size
            if there[known]:
                there[known] -= 1
                continue
            try:
                self._upload(remote_id, file)
            except Refused as refusal:  # too large (413), or a type that the site does not take
                missing.append(f"{file.filename}: {refusal}")
        return missing

    def _upload(self, remote_id: str, file: File) -> None:
        part = (form_name(file.filename), file.read(), content_type(file.content_type))
        body, multipart = encode_multipart_formdata({"file": part})
        # Without this header Jira blocks the request as forged (addAttachment).
        headers = {"Content-Type": multipart, "X-Atlassian-Token": "no-check"}
        path = f"{API}/issue/{remote_id}/attachments"
        self._http.call("POST", path, body=body, headers=headers, of_ticket=True)

    def _comment(self, given: dict[str, Any], *, customers: bool) -> RemoteComment:
        author = given.get("author", {})
        text, mark = unmarked(plain(given.get("body")))
        ours = mark is not None and author.get("accountId") == self._account
        addressed = None if customers else TO_CUSTOMER.match(text)
        agent = author.get("accountType") != "customer"  # as the portal's customers are
        seen = agent and given.get("jsdPublic") is True if customers else bool(addressed)
        said = text if ours else plain(given.get("body"))
        return RemoteComment(
            id=given["id"],
            marker=mark if ours else None,
            author=author.get("displayName", ""),
            public=seen and not given.get("visibility"),
            text=said[addressed.end() :] if addressed and not ours else said,
            at=str(given["created"]),
        )


def label(marker_: str) -> str:
    """A label of one issue alone; it may not have blanks."""
    return f"mailroom.{marker(marker_)}"


def description(opening: Opening) -> str:
    who = f"{opening.requester_name} <{opening.requester_email}>" if opening.requester_name else opening.requester_email
    head = [f"From: {who or 'unknown'}", *([f"Ticket: {opening.link}"] if opening.link else [])]
    return "\n".join(head) + "\n\n" + clean(opening.text, TEXT)


def form_name(given: str) -> str:
    """A file's name that a form brings as it is: a quote would come as %22, a line's end as %0A (HTML Standard,
    "Multipart form data"), and of a path many keep the last part alone."""
    return NOT_IN_NAMES.sub("_", given)
