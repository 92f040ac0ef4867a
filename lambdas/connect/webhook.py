"""The webhook that goes out: a bus event as JSON, signed as Standard Webhooks 1.0.0 does, in one try."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from lambdas.connect import signing
from lambdas.connect.http import retry_after
from lambdas.connect.pinned import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lambdas.connect.endpoint import Endpoint
    from lambdas.connect.pinned import Answer, Network

DELIVERED, UNWANTED, FAILED = "delivered", "unwanted", "failed"
PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
EXCERPT = 500  # characters of an answer
UNSHOWN = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")  # and what would steer a terminal
SENT = {"Content-Type": "application/json", "Accept": "*/*", "User-Agent": "Mailroom"}
NO_SUCCESS = {
    3: "redirects are not followed: set the URL that it moved to",
    4: "it does not take this",
    5: "it is not well",
}


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is sent, the same on each try. `id` tells the receiver that it is the same."""

    id: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What became of a try: DELIVERED, UNWANTED (pause), or FAILED (try again). `reason` is for logs too; `answer`, the
    beginning of theirs, is not: it may repeat what customers wrote. `retry_after` in seconds, where they say."""

    outcome: str
    reason: str = ""
    answer: str = field(default="", repr=False)
    retry_after: float | None = None


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """`secrets` are one, or during a rotation two; `now` is in seconds since 1970."""

    endpoint: Endpoint
    secrets: Sequence[str] = field(repr=False)
    network: Network
    now: Callable[[], float]

    def deliver(self, message: Message) -> Attempt:
        """Try once, for 5 s at most. signing.NotASecret if the secrets are none, and nothing was sent."""
        headers = SENT | signing.headers(message.id, int(self.now()), message.body, self.secrets)
        try:
            answer = self.network.post(self.endpoint, headers, message.body)
        except Unanswered as unanswered:
            return Attempt(outcome=FAILED, reason=str(unanswered))
        return judged(answer, self.endpoint.name, self.now())

    def check(self) -> list[str]:
        """What is wrong with the set-up, in words; nothing if it is ready. Nothing is sent."""
        wrong = []
        try:
            signing.headers("check", 0, b"", self.secrets)
        except signing.NotASecret as none:
            wrong.append(str(none))
        try:
            self.network.reach(self.endpoint)
        except Unanswered as unanswered:
            wrong.append(str(unanswered))
        return wrong


def message(event: dict[str, Any]) -> Message:
    """A bus event as it is sent. The id has the event's type, since one happening may be told by several of one id
    (TicketStatusChanged and TicketClosed), and no full stop, which would part what is signed elsewhere."""
    data = {"type": event["detail-type"], "timestamp": event["time"], "data": event["detail"]}
    identity = f"{event['detail-type']}-{event['detail']['id']}"
    plain = PLAIN_ID.fullmatch(identity)
    return Message(
        id=identity if plain else hashlib.sha256(identity.encode(errors="surrogatepass")).hexdigest(),
        body=json.dumps(data, separators=(",", ":")).encode(),  # in ASCII, which half a surrogate pair is in too
    )


def judged(answer: Answer, name: str, now: float) -> Attempt:
    """As Standard Webhooks has it, section "Delivery success and failure"."""
    if HTTPStatus(200) <= answer.status < HTTPStatus(300):
        return Attempt(outcome=DELIVERED)
    gone = answer.status == HTTPStatus.GONE
    why = "it wants no more of them" if gone else NO_SUCCESS.get(answer.status // 100, "that is no answer")
    return Attempt(
        outcome=UNWANTED if gone else FAILED,
        reason=f"{name} answered {answer.status}: {why}",
        answer=UNSHOWN.sub(" ", answer.body.decode(errors="replace")).strip()[:EXCERPT],
        retry_after=retry_after(answer.headers.get("retry-after"), now),
    )
