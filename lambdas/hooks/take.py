"""Webhooks of ticket systems: whoever signed as they do may say of a ticket there that it is to be looked at.

What was said is not believed any further: whether the ticket is one of ours, and what is new in it, `connect` reads
from the system itself. So a webhook that comes twice, late, out of order or not at all changes nothing.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from lambdas.hooks.incoming import (
    Garbled,
    NoSecret,
    NotTheirs,
    WrongSignature,
    check_jira,
    check_zendesk,
    raw_body,
)
from lambdas.shared.destinations import JIRA, ZENDESK
from lambdas.shared.http import Refused, answered

if TYPE_CHECKING:
    from lambdas.shared.destinations import Destination
    from lambdas.shared.http import Answer

log = logging.getLogger(__name__)

KEPT, AGAIN = timedelta(minutes=5), timedelta(seconds=10)
TICKET = re.compile(r"[0-9]{1,20}", re.ASCII)  # an id of both systems


class Secrets:
    """The secrets of webhooks that come in, each kept for 5 minutes. `read` gives what the one at an ARN holds."""

    def __init__(self, read: Callable[[str], dict[str, Any]], now: Callable[[], datetime]) -> None:
        self._read = read
        self._now = now
        self._kept: dict[str, tuple[datetime, str]] = {}

    def get(self, arn: str) -> str:
        """ "" if nobody has set it."""
        at, found = self._kept.get(arn, (None, ""))
        return found if at and self._now() < at + KEPT else self._fresh(arn)

    def another(self, arn: str) -> str | None:
        """The secret as it is by now, if it is another than get() gave; read once in 10 seconds, whatever is called."""
        at, found = self._kept.get(arn, (None, ""))
        if at and self._now() < at + AGAIN:
            return None
        fresh = self._fresh(arn)
        return fresh if fresh != found else None

    def _fresh(self, arn: str) -> str:
        held = self._read(arn).get("webhook_secret")
        found = held if isinstance(held, str) else ""
        self._kept[arn] = self._now(), found
        return found


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """`destinations` are ticket systems; `ask` puts (id, detail-type, detail) into the queue of `connect`."""

    destinations: Mapping[str, Destination]
    secrets: Secrets
    ask: Callable[[str, str, dict[str, Any]], None]
    now: Callable[[], datetime]

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """202 once it is queued. Who is not believed learns nothing of the reason; the log does."""
        return answered(lambda: self._take(event), {})

    def _take(self, event: dict[str, Any]) -> Answer:
        name = event["pathParameters"]["destination"]
        destination = self.destinations.get(name)
        if not destination:
            raise Refused(HTTPStatus.NOT_FOUND, "no webhooks come in here")
        try:
            body = raw_body(event)
        except Garbled as error:
            raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from None
        try:
            self._believe(destination, event["headers"], body)
        except NotTheirs as error:
            log.warning("not believed", extra={"destination": name, "reason": str(error)})
            if isinstance(error, NoSecret):
                raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "no secret is set for these webhooks") from None
            raise Refused(HTTPStatus.UNAUTHORIZED, "the signature does not hold") from None
        pulled = {"destination": name, "remote": ticket(destination.kind, body)}
        self.ask(event["requestContext"]["requestId"], "PullTicket", pulled)
        return HTTPStatus.ACCEPTED, {}

    def _believe(self, destination: Destination, headers: Mapping[str, str], body: bytes) -> None:
        """NotTheirs; but with another secret, if it was set since we read it."""
        signed, arn, now = SIGNED[destination.kind], destination.secret_arn, self.now()
        try:
            signed(headers, body, self.secrets.get(arn), now)
        except (NoSecret, WrongSignature):
            if (another := self.secrets.another(arn)) is None:
                raise
            signed(headers, body, another, now)


def ticket(kind: str, body: bytes) -> str:
    """The id of the ticket that a webhook is about."""
    try:
        found = id_of(kind, json.loads(body))
    except (ValueError, RecursionError):
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
    if not TICKET.fullmatch(found):
        raise Refused(HTTPStatus.BAD_REQUEST, "the body names no ticket")
    return found


def id_of(kind: str, said: Any) -> str:
    """ "" if there is none. Zendesk's webhooks are of an event, or of a trigger, whose body its owner writes."""
    match kind, said:
        case ("jira", {"issue": {"id": str() | int() as id}}):
            return str(id)
        case ("zendesk", {"detail": {"id": str() | int() as id}} | {"ticket_id": str() | int() as id}):
            return str(id)
    return ""


SIGNED: dict[str, Callable[[Mapping[str, str], bytes, str, datetime], None]] = {
    JIRA: lambda headers, body, secret, _now: check_jira(headers, body, secret),
    ZENDESK: check_zendesk,
}
