"""A stand-in for Jira Cloud: one project, its issues in memory. `python -m local.standins.jira` serves it.

Its workflow lets every status follow every other. A search shows what is older than `lag` seconds.
"""

from __future__ import annotations

import hmac
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import HTTP
from typing import TYPE_CHECKING, Any

from local.standins.adf_grammar import faults, units
from local.standins.exchange import Answer, Asked
from local.standins.screen import FIELDS, described
from local.standins.server import Route, StandIn, serve
from local.standins.workflow import STATUSES, number, status

if TYPE_CHECKING:
    from collections.abc import Callable

API = "/rest/api/3"
SUMMARY = 255
ISSUE = rf"{API}/issue/([^/]+)"
OURS = {"accountId": "712020:mailroom", "displayName": "Mailroom", "accountType": "atlassian", "active": True}
TERMS: dict[str, Callable[[Issue, str], bool]] = {
    r'labels = "([^"]*)"': lambda issue, label: label in issue.fields["labels"],
    r'project = "([^"]*)"': lambda issue, key: issue.fields["project"]["key"] == key,
    r"updated >= -(\d+)m": lambda issue, minutes: issue.updated >= time.time() - 60 * int(minutes),
}


@dataclass(kw_only=True)
class Issue:
    id: str
    key: str
    fields: dict[str, Any]
    properties: dict[str, Any]
    status: str = "To Do"
    comments: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    created: float = field(default_factory=time.time)
    updated: float = field(default_factory=time.time)


class Jira(StandIn):
    """`project_type` is that of the project: service_desk, software or business."""

    name = "jira"

    def __init__(
        self,
        *,
        user: str = "mailroom@acme.test",
        token: str = "a-token",  # noqa: S107 - of a stand-in
        project: str = "SUP",
        project_type: str = "service_desk",
        lag: float = 0.0,
        seed: int = 0,
    ) -> None:
        super().__init__(user=user, token=token, seed=seed)
        self.project = project
        self.project_type = project_type
        self.lag = lag
        self.required = {"summary"}
        self.issues: dict[str, Issue] = {}
        self.overtaking = ""
        self.last = 10_000

    def routes(self) -> list[Route]:
        return [
            ("GET", f"{API}/myself", lambda _asked: Answer(data=OURS)),
            ("GET", rf"{API}/issue/createmeta/([^/]+)/issuetypes", self._types),
            ("GET", f"{API}/search/jql", self._search),
            ("POST", f"{API}/issue", self._create),
            ("GET", ISSUE, self._get),
            ("GET", f"{ISSUE}/comment", self._comments),
            ("POST", f"{ISSUE}/comment", self._comment),
            ("POST", f"{ISSUE}/attachments", self._attach),
            ("GET", f"{ISSUE}/transitions", self._transitions),
            ("POST", f"{ISSUE}/transitions", self._transition),
            ("GET", rf"{ISSUE}/properties/([^/]+)", self._property),
        ]

    def knobs(self) -> dict[str, Callable[[Any], Any]]:
        """A person comments, sets the status, deletes; `strip` takes a property from all, `age` makes them older;
        `require`s a field of new ones. Who `overtake`s {"status"} moves an issue just before we do, once."""
        return {
            "comment": self._say,
            "status": self._move,
            "delete": lambda given: self._delete(given["id"]),
            "strip": lambda given: [issue.properties.pop(given["property"], None) for issue in self.issues.values()],
            "age": lambda given: self._age(given["seconds"]),
            "require": lambda given: self.required.add(given["field"]),
            "overtake": lambda given: setattr(self, "overtaking", given["status"]),
        }

    def contents(self) -> dict[str, Any]:
        return {"tickets": [self._shown(issue) for issue in self.issues.values()]}

    def _shown(self, issue: Issue) -> dict[str, Any]:
        return {
            "id": issue.id,
            "key": issue.key,
            "status": issue.status,
            "fields": issue.fields,
            "properties": issue.properties,
            "comments": issue.comments,
            "attachments": issue.attachments,
        }

    def failure(self, status: int, text: str) -> Answer:
        return Answer(status=status, data={"errorMessages": [text], "errors": {}})

    def signed(self, body: bytes, secret: str) -> dict[str, str]:
        return {"X-Hub-Signature": "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()}

    def _types(self, _asked: Asked, project: str) -> Answer:
        if project != self.project:
            return self.failure(404, f"No project could be found with key '{project}'.")
        kinds = [{"id": "1", "name": "Task", "subtask": False, "fields": self._screen()}]
        return Answer(data={"issueTypes": kinds, "startAt": 0, "maxResults": 50, "total": 1})

    def _screen(self) -> dict[str, Any]:
        return {name: described(name, required=name in self.required) for name in FIELDS | self.required}

    def _create(self, asked: Asked) -> Answer:
        given = asked.json()
        fields = given["fields"]
        if errors := self._faults(fields):
            return Answer(status=400, data={"errorMessages": [], "errors": errors})
        self.last += 1
        key = f"{self.project}-{self.last - 10_000}"
        properties = {each["key"]: each["value"] for each in given.get("properties", [])}
        self.issues[str(self.last)] = issue = Issue(id=str(self.last), key=key, fields=fields, properties=properties)
        self._tell("jira:issue_created", issue)
        return Answer(status=201, data={"id": issue.id, "key": key, "self": f"{self.base}{API}/issue/{issue.id}"})

    def _faults(self, fields: dict[str, Any]) -> dict[str, str]:
        """As Jira words them, by field."""
        wrong = {
            "project": fields["project"] != {"key": self.project} and "valid project is required",
            "issuetype": fields["issuetype"] != {"name": "Task"} and "The issue type selected is invalid.",
            "summary": not 0 < units(fields["summary"]) <= SUMMARY and "Summary must be less than 255 characters.",
            "labels": any(" " in label for label in fields["labels"]) and "The label can't contain spaces.",
            "description": "; ".join(faults(fields["description"])),
        }
        unknown = dict.fromkeys(fields.keys() - FIELDS, "Field cannot be set. It is not on the appropriate screen.")
        unknown |= dict.fromkeys(self.required - fields.keys(), "It is required.")
        return unknown | {name: str(said) for name, said in wrong.items() if said}

    def _found(self, given: str) -> Issue | None:
        by_key = (issue for issue in self.issues.values() if issue.key == given)
        return self.issues.get(given) or next(by_key, None)

    def _get(self, asked: Asked, id: str) -> Answer:
        if not (issue := self._found(id)):
            return self._gone()
        histories = {"histories": issue.changes[::-1], "startAt": 0, "total": len(issue.changes)}
        changelog = {"changelog": histories} if asked.parameter("expand") == "changelog" else {}
        return Answer(data=self._bean(issue, asked.parameter("fields")) | changelog)

    def _bean(self, issue: Issue, names: str, properties: str = "") -> dict[str, Any]:
        project = {"key": self.project, "projectTypeKey": self.project_type}
        known = {**issue.fields, "project": project, "status": status(issue.status), "attachment": issue.attachments}
        fields = {name: known[name] for name in names.split(",") if name in known}
        kept = {name: issue.properties[name] for name in properties.split(",") if name in issue.properties}
        return {"id": issue.id, "key": issue.key, "fields": fields, **({"properties": kept} if properties else {})}

    def _gone(self) -> Answer:
        return self.failure(404, "Issue does not exist or you do not have permission to see it.")

    def _search(self, asked: Asked) -> Answer:
        terms, _, _order = asked.parameter("jql").partition(" ORDER BY ")
        issues = [issue for issue in self.issues.values() if issue.created + self.lag <= time.time()]
        for term in terms.split(" AND "):
            read = next(((test, found) for kind, test in TERMS.items() if (found := re.fullmatch(kind, term))), None)
            if not read:
                return self.failure(400, f"Error in the JQL Query: {term}")
            issues = [issue for issue in issues if read[0](issue, read[1][1])]
        start, most = int(asked.parameter("nextPageToken", "0")), int(asked.parameter("maxResults", "50"))
        page = issues[start : start + most]
        more = {"nextPageToken": str(start + most)} if start + most < len(issues) else {}
        beans = [self._bean(issue, asked.parameter("fields", "id"), asked.parameter("properties")) for issue in page]
        return Answer(data={"issues": beans, "isLast": not more, **more})

    def _comments(self, asked: Asked, id: str) -> Answer:
        if not (issue := self._found(id)):
            return self._gone()
        start, most = int(asked.parameter("startAt", "0")), int(asked.parameter("maxResults", "100"))
        page = issue.comments[start : start + most]
        return Answer(data={"comments": page, "startAt": start, "maxResults": most, "total": len(issue.comments)})

    def _comment(self, asked: Asked, id: str) -> Answer:
        given = asked.json()
        if not (issue := self._found(id)):
            return self._gone()
        if wrong := faults(given["body"]):
            return Answer(status=400, data={"errorMessages": [], "errors": {"comment": "; ".join(wrong)}})
        visible = {each["key"]: each["value"] for each in given.get("properties", [])}.get("sd.public.comment", {})
        hidden = visible.get("internal", False) and self.project_type == "service_desk"
        return Answer(status=201, data=self._add(issue, given["body"], OURS, public=not hidden))

    def _add(self, issue: Issue, body: Any, author: dict[str, Any], *, public: bool) -> dict[str, Any]:
        self.last += 1
        comment = {"id": str(self.last), "author": author, "body": body, "created": at(), "jsdPublic": public}
        issue.comments.append(comment)
        issue.updated = time.time()
        self._tell("comment_created", issue, comment=comment)
        return comment

    def _attach(self, asked: Asked, id: str) -> Answer:
        if not (issue := self._found(id)):
            return self._gone()
        if asked.headers.get("x-atlassian-token") != "no-check":
            return self.failure(403, "XSRF check failed")
        form = message_from_bytes(
            b"Content-Type: " + asked.headers["content-type"].encode() + b"\r\n\r\n" + asked.body, policy=HTTP
        )
        added = [
            self._file(part)
            for part in form.iter_parts()
            if part.get_param("name", header="content-disposition") == "file"
        ]
        issue.attachments += added
        return Answer(data=added)

    def _file(self, part: Any) -> dict[str, Any]:
        self.last += 1
        content = part.get_payload(decode=True)
        return {
            "id": str(self.last),
            "filename": part.get_filename(),
            "mimeType": part.get_content_type(),
            "size": len(content),
            "created": at(),
            "content": f"{self.base}{API}/attachment/content/{self.last}",
        }

    def _transitions(self, _asked: Asked, id: str) -> Answer:
        if not (issue := self._found(id)):
            return self._gone()
        others = [name for name in STATUSES if name != issue.status]
        return Answer(data={"transitions": [{"id": number(name), "name": name, "to": status(name)} for name in others]})

    def _transition(self, asked: Asked, id: str) -> Answer:
        if not (issue := self._found(id)):
            return self._gone()
        wanted = asked.json()["transition"]["id"]
        name = next((name for name in STATUSES if number(name) == wanted and name != issue.status), None)
        if not name:
            return self.failure(400, "It seems that you have tried to perform an illegal workflow operation.")
        if self.overtaking:
            self._move({"id": issue.id, "status": self.overtaking})
            self.overtaking = ""
        self._move({"id": issue.id, "status": name})
        return Answer(status=204)

    def _property(self, _asked: Asked, id: str, key: str) -> Answer:
        issue = self._found(id)
        there = issue is not None and key in issue.properties
        return Answer(data={"key": key, "value": issue.properties[key]}) if issue and there else self._gone()

    def _say(self, given: dict[str, Any]) -> str:
        """A person comments: {"id", "text" or "body", "public", "author", "customer"}."""
        lines = [{"type": "paragraph", "content": [{"type": "text", "text": given["text"]}]}] if "text" in given else []
        body = given.get("body") or {"type": "doc", "version": 1, "content": lines}
        kind = "customer" if given.get("customer") else "atlassian"
        author = {"accountId": "712020:person", "displayName": given.get("author", "Ann Agent"), "accountType": kind}
        return str(self._add(self.issues[given["id"]], body, author, public=given.get("public", True))["id"])

    def _move(self, given: dict[str, Any]) -> None:
        issue, to = self.issues[given["id"]], given["status"]
        self.last += 1
        ids = {"from": number(issue.status), "to": number(to)}
        item = {"field": "status", "fieldId": "status", **ids, "fromString": issue.status, "toString": to}
        issue.changes.append({"id": str(self.last), "created": at(), "items": [item]})
        issue.status = to
        issue.updated = time.time()
        self._tell("jira:issue_updated", issue)

    def _delete(self, id: str) -> None:
        self._tell("jira:issue_deleted", self.issues.pop(id))

    def _age(self, seconds: float) -> None:
        for issue in self.issues.values():
            issue.created -= seconds
            issue.updated -= seconds

    def _tell(self, event: str, issue: Issue, **more: Any) -> None:
        bean = self._bean(issue, "status,labels,project,summary")
        self.tell({"timestamp": round(time.time() * 1000), "webhookEvent": event, "issue": bean, **more})


def at() -> str:
    """Now, as Jira writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


if __name__ == "__main__":
    serve(Jira())
