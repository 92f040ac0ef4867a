"""A stand-in for Zendesk Support: tickets and users in memory. `python -m local.standins.zendesk` serves it."""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.standins.exchange import Answer, Asked
from local.standins.server import Route, StandIn, serve

if TYPE_CHECKING:
    from collections.abc import Callable

API = "/api/v2"
TICKET = rf"{API}/tickets/(\d+)"
BODY = 65_535  # bytes
UPLOAD_SECONDS, KEY_SECONDS = 3600, 7200
OURS, PERSON = 1, 2


@dataclass(kw_only=True)
class Ticket:
    fields: dict[str, Any]
    comments: list[dict[str, Any]] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.fields["id"])


@dataclass(frozen=True, kw_only=True)
class Upload:
    file: dict[str, Any]
    until: float


class Zendesk(StandIn):
    name = "zendesk"

    def __init__(
        self,
        *,
        user: str = "mailroom@acme.test/token",
        token: str = "a-token",  # noqa: S107 - of a stand-in
        role: str = "agent",
        seed: int = 0,
    ) -> None:
        super().__init__(user=user, token=token, seed=seed)
        email = user.removesuffix("/token")
        self.users: dict[int, dict[str, Any]] = {
            OURS: {"id": OURS, "name": "Mailroom", "email": email, "role": role, "active": True},
            PERSON: {"id": PERSON, "name": "Ann Agent", "email": "ann@acme.test", "role": "agent", "active": True},
        }
        self.kept: dict[int, Ticket] = {}
        self.overtaking = ""
        self.keys: dict[str, tuple[bytes, int, float]] = {}
        self.uploads: dict[str, Upload] = {}
        self.last = 100

    def routes(self) -> list[Route]:
        return [
            ("GET", f"{API}/tickets", self._list),
            ("POST", f"{API}/tickets", self._create),
            ("GET", TICKET, self._get),
            ("PUT", TICKET, self._update),
            ("GET", f"{TICKET}/comments", self._comments),
            ("POST", f"{API}/uploads", self._upload),
            ("GET", f"{API}/users/search", self._users),
        ]

    def knobs(self) -> dict[str, Callable[[Any], Any]]:
        """A person comments {"id", "text", "public", "customer"}, and with "status" changes it in the same step; sets
        the status {"id", "status"}; deletes {"id"}. Who `overtake`s {"status"} sets it just before we do, once.
        `forget` all idempotency keys, as after two hours; `rename` our own account {"email"}."""
        return {
            "comment": self._say,
            "status": lambda given: self._change(self.kept[int(given["id"])], {"status": given["status"]}),
            "delete": lambda given: self.kept.pop(int(given["id"])) and None,
            "overtake": lambda given: setattr(self, "overtaking", given["status"]),
            "forget": lambda _given: self.keys.clear(),
            "rename": lambda given: self.users[OURS].update(email=given["email"]),
        }

    def contents(self) -> dict[str, Any]:
        tickets = [{**ticket.fields, "comments": ticket.comments} for ticket in self.kept.values()]
        return {"tickets": tickets, "users": list(self.users.values())}

    def failure(self, status: int, text: str) -> Answer:
        return Answer(status=status, data={"error": ERRORS.get(status, "Error"), "description": text})

    def signed(self, body: bytes, secret: str) -> dict[str, str]:
        at = now()
        digest = hmac.new(secret.encode(), at.encode() + body, "sha256").digest()
        return {"X-Zendesk-Webhook-Signature": b64encode(digest).decode(), "X-Zendesk-Webhook-Signature-Timestamp": at}

    def _list(self, asked: Asked) -> Answer:
        wanted = asked.parameter("external_id")
        found = [ticket.fields for ticket in self.kept.values() if wanted in {"", ticket.fields["external_id"]}]
        found.sort(key=lambda each: str(each[asked.parameter("sort_by", "created_at")]))
        return Answer(data=self._page(asked, "tickets", found))

    def _page(self, asked: Asked, name: str, found: list[dict[str, Any]]) -> dict[str, Any]:
        if asked.parameter("sort_order") == "desc":
            found = found[::-1]
        page, size = int(asked.parameter("page", "1")), int(asked.parameter("per_page", "100"))
        more = page * size < len(found)
        following = f"{self.base}{asked.path}?page={page + 1}" if more else None
        shown = found[(page - 1) * size : page * size]
        return {name: shown, "next_page": following, "previous_page": None, "count": len(found)}

    def _create(self, asked: Asked) -> Answer:
        key = asked.headers.get("idempotency-key", "")
        body, first, until = self.keys.get(key, (b"", 0, 0.0))
        if key and until > time.time() and first in self.kept:
            if body != asked.body:
                return self.failure(400, "IdempotentRequestError: the key came with other parameters before")
            hit = {"x-idempotency-lookup": "hit"}
            return Answer(status=201, data={"ticket": self.kept[first].fields}, headers=hit)
        given = asked.json()["ticket"]
        if not given["comment"]["body"].strip():
            return self.failure(422, "Description: cannot be blank")
        self.last += 1
        ticket = self.kept[self.last] = Ticket(fields=self._fields(given))
        if wrong := self._comment(ticket, given["comment"], ticket.fields["requester_id"]):
            del self.kept[self.last]
            return wrong
        self.keys[key] = (asked.body, ticket.id, time.time() + KEY_SECONDS)
        return Answer(status=201, data={"ticket": ticket.fields}, headers={"x-idempotency-lookup": "miss"})

    def _fields(self, given: dict[str, Any]) -> dict[str, Any]:
        taken = {name: given.get(name) for name in ("subject", "external_id", "brand_id", "group_id")}
        return {
            **taken,
            "id": self.last,
            "url": f"{self.base}{API}/tickets/{self.last}.json",
            "tags": given.get("tags", []),
            "status": given.get("status", "new"),
            "requester_id": self._requester(given.get("requester")),
            "created_at": now(),
            "updated_at": now(),
        }

    def _requester(self, given: dict[str, str] | None) -> int:
        """Found by the address, or made of it."""
        if not given:
            return OURS
        found = next((user for user in self.users.values() if user["email"] == given["email"]), None)
        if not found:
            found = {"id": len(self.users) + 1, "active": True, "role": "end-user", **given}
            self.users[found["id"]] = found
        return int(found["id"])

    def _get(self, _asked: Asked, id: str) -> Answer:
        return Answer(data={"ticket": self.kept[int(id)].fields}) if int(id) in self.kept else self._gone()

    def _gone(self) -> Answer:
        return self.failure(404, "Not found")

    def _update(self, asked: Asked, id: str) -> Answer:
        if int(id) not in self.kept:
            return self._gone()
        ticket, given = self.kept[int(id)], asked.json()["ticket"]
        if self.overtaking and "status" in given:
            self._change(ticket, {"status": self.overtaking})
            self.overtaking = ""
        if given.get("safe_update") and given["updated_stamp"] != ticket.fields["updated_at"]:
            return self.failure(409, "the ticket was updated after updated_stamp")
        if ticket.fields["status"] == "closed":
            return self.failure(422, "Status: closed prevents ticket update")
        if given.get("comment") and (wrong := self._comment(ticket, given["comment"], OURS)):
            return wrong
        self._change(ticket, {name: given[name] for name in ("status", "subject") if name in given})
        return Answer(data={"ticket": ticket.fields})

    def _change(self, ticket: Ticket, fields: dict[str, Any]) -> None:
        before = ticket.fields["status"]
        ticket.fields |= {**fields, "updated_at": now()}
        if ticket.fields["status"] != before:
            self._tell("status_changed", ticket, current=ticket.fields["status"], previous=before)

    def _comment(self, ticket: Ticket, given: dict[str, Any], author: int) -> Answer | None:
        """What is wrong with it; None if it was added."""
        if len(given["body"].encode()) > BODY:
            return self.failure(422, "Comment: is too long")
        uploads = [self.uploads.get(token) for token in given.get("uploads", [])]
        files = [upload.file for upload in uploads if upload and upload.until > time.time()]
        if len(files) < len(uploads):
            return self.failure(422, "Attachment: token is invalid or expired")
        self.last += 1
        via = {"channel": "api", "source": {"from": {}, "to": {}, "rel": None}}
        comment = {
            "id": self.last,
            "type": "Comment",
            "body": given["body"],
            "plain_body": given["body"],
            "public": given.get("public", True),
            "author_id": author,
            "attachments": files,
            "via": via,
            "created_at": now(),
        }
        ticket.comments.append(comment)
        ticket.fields["updated_at"] = now()
        self._tell("comment_added", ticket, comment=comment)
        return None

    def _comments(self, asked: Asked, id: str) -> Answer:
        if int(id) not in self.kept:
            return self._gone()
        return Answer(data=self._page(asked, "comments", self.kept[int(id)].comments))

    def _upload(self, asked: Asked) -> Answer:
        self.last += 1
        file = {
            "id": self.last,
            "file_name": asked.parameter("filename"),
            "content_url": f"{self.base}/attachments/{self.last}",
            "content_type": asked.headers.get("content-type", ""),
            "size": len(asked.body),
        }
        token = secrets.token_urlsafe(12)
        self.uploads[token] = Upload(file=file, until=time.time() + UPLOAD_SECONDS)
        return Answer(status=201, data={"upload": {"token": token, "attachment": file, "attachments": [file]}})

    def _users(self, asked: Asked) -> Answer:
        wanted = asked.parameter("query").removeprefix("email:")
        found = [user for user in self.users.values() if wanted in {user["email"], user["name"]}]
        return Answer(data=self._page(asked, "users", found))

    def _say(self, given: dict[str, Any]) -> str:
        ticket = self.kept[int(given["id"])]
        author = ticket.fields["requester_id"] if given.get("customer") else PERSON
        self._change(ticket, {name: given[name] for name in ("status",) if name in given})
        self._comment(ticket, {"body": given["text"], "public": given.get("public", True)}, author)
        return str(ticket.comments[-1]["id"])

    def _tell(self, event: str, ticket: Ticket, **more: Any) -> None:
        detail = {"id": str(ticket.id), "external_id": ticket.fields["external_id"], "status": ticket.fields["status"]}
        kind = f"zen:event-type:ticket.{event}"
        self.tell({"type": kind, "subject": f"zen:ticket:{ticket.id}", "time": now(), "detail": detail, "event": more})


ERRORS = {
    400: "BadRequest",
    401: "Unauthorized",
    404: "RecordNotFound",
    409: "UpdateConflict",
    422: "RecordInvalid",
    429: "TooManyRequests",
}


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


if __name__ == "__main__":
    serve(Zendesk())
