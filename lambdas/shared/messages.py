"""The messages table: every mail that went out, or was meant to, and what became of it.

An item is one message to one recipient. The outbox writes `state`; feedback adds each SES event under a name of
its own (`event#...`), so that any order and any repetition of events gives the same item. `sent_at` is when SES took
it, as whoever knew it first has said: the outbox, or any event.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lambdas.shared.dynamodb import conditional
from lambdas.shared.timeline import Happening, status, timeline
from lambdas.shared.timestamps import after, iso

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from mypy_boto3_dynamodb.service_resource import Table

# What the outbox knows of a message (docs/states.md).
CLAIMED, SENT, SCHEDULED, CANCELLED = "claimed", "sent", "scheduled", "cancelled"
FOREIGN = "foreign"  # what another application sent through the identity: the outbox knows nothing of it
FAILED, REFUSED, SUPPRESSED, LIMITED = "failed", "refused", "suppressed", "limited"
THROTTLED, OVER_QUOTA, PAUSED, UNREACHABLE, HELD = "throttled", "over quota", "paused", "unreachable", "held"
ENDED = (FAILED, REFUSED, SUPPRESSED, LIMITED)  # without a mail, and the application is told
WAITING = (THROTTLED, OVER_QUOTA, PAUSED, UNREACHABLE, HELD)  # certainly not sent; a later try sends it
# Which messages a try may take that are there already: the same, not known to be sent, and in a state that allows it.
UNKNOWN = "attribute_not_exists(#state)"
TRIED_AGAIN = (
    "#fingerprint = :fingerprint AND attribute_not_exists(sent_at) AND ("
    f"#state IN ({', '.join(f':waiting{number}' for number in range(len(WAITING)))}) OR "
    "(#state = :scheduled AND send_at <= :due) OR (#state = :claimed AND resend_after < :now))"
)
EVENT = "event#"
DAYS_LISTED = 90
MESSAGE_TAG = "mailroom-message"  # of SES: the message's id, by which events name it
MESSAGE_HEADER = "X-Mailroom-Message"  # of each mail: the same, by which reports of other servers name it
MESSAGE_ID = re.compile(r"[a-z2-7]{26}")
EARLY_SECONDS = 60  # a schedule may fire within its minute


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A message as the outbox takes it: its id comes from the request's idempotency key, and the fingerprint tells
    whether another request uses the same key."""

    id: str
    recipient: str
    stream: str
    template: str
    fingerprint: str
    ticket: str | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message as it stands. `state` is what the outbox knows, `status` what SES's events make of it."""

    id: str
    recipient: str
    stream: str
    template: str
    subject: str
    state: str
    status: str
    reason: str | None
    created_at: str | None
    sent_at: str | None
    ses_id: str | None
    send_at: str | None
    resend_after: str | None
    attempts: int
    ticket: str | None
    timeline: tuple[Happening, ...]


class Messages:
    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(self, message: Outgoing, subject: str, now: datetime, seconds: float, *, from_domain: str) -> int:
        """Take the message for one try to send it; gives the number of the try.

        For `seconds` nobody else may send it: the send call's own time, and then the time that SES's Send event,
        which would settle it, may take to arrive. ConditionFailed carries the item where it is not ours to send:
        settled, not due yet, claimed by another try whose outcome is not known yet, or of another request.
        """
        resend_after = after(now, seconds=seconds)
        return self._open(message, CLAIMED, now, subject=subject, from_domain=from_domain, resend_after=resend_after)

    def close(self, message: Outgoing, state: str, reason: str, now: datetime) -> None:
        """Record a message that ends before SES sees it. ConditionFailed as in `claim`."""
        self._open(message, state, now, reason=reason)

    def fail(self, message: Outgoing, reason: str, now: datetime) -> None:
        """Record a request that asks for something impossible. ConditionFailed carries the message if there is one: it
        was possible when it was first asked for."""
        self._open(message, FAILED, now, anew=False, reason=reason)

    def schedule(self, message: Outgoing, at: datetime, now: datetime) -> None:
        """Record a message that is to be sent later. ConditionFailed as in `claim`."""
        self._open(message, SCHEDULED, now, send_at=iso(at))

    def _open(self, message: Outgoing, state: str, now: datetime, *, anew: bool = True, **fields: str) -> int:
        """`anew`: also where the message is known and may be tried again."""
        values: dict[str, str] = {
            "recipient": message.recipient,
            "stream": message.stream,
            "template": message.template,
            "fingerprint": message.fingerprint,
            "state": state,
            **({"ticket": message.ticket} if message.ticket else {}),
            **fields,
        }
        once: dict[str, str] = {"created_at": iso(now), "day": iso(now)[:10]}
        given: dict[str, str | int] = {f":{name}": value for name, value in (values | once).items()}
        with conditional():
            answer = self._table.update_item(
                Key={"id": message.id},
                UpdateExpression="SET "
                + ", ".join([*(f"#{n} = :{n}" for n in values), *(f"#{n} = if_not_exists(#{n}, :{n})" for n in once)])
                + " ADD attempts :one",
                ConditionExpression=f"{UNKNOWN} OR ({TRIED_AGAIN})" if anew else UNKNOWN,
                ExpressionAttributeNames={f"#{n}": n for n in (*values, *once)},
                ExpressionAttributeValues=given | {":one": 1} | (trying_again(now) if anew else {}),
                ReturnValues="UPDATED_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        return int(str(answer["Attributes"]["attempts"]))

    def cancel(self, message_id: str) -> None:
        """End a scheduled message. ConditionFailed carries the item that is not scheduled any more, if there is one."""
        with conditional():
            self._table.update_item(
                Key={"id": message_id},
                UpdateExpression="SET #state = :cancelled",
                ConditionExpression="#state = :scheduled",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={":cancelled": CANCELLED, ":scheduled": SCHEDULED},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )

    def told(self, message_id: str) -> None:
        """Note that the application has been told how the message ended."""
        self._table.update_item(
            Key={"id": message_id},
            UpdateExpression="SET told = :true",
            ExpressionAttributeValues={":true": True},
        )

    def sent(self, message_id: str, ses_id: str, now: datetime) -> None:
        """Settle: SES took it under `ses_id`."""
        self._table.update_item(
            Key={"id": message_id},
            UpdateExpression="SET #state = :sent, ses_id = :ses_id, sent_at = if_not_exists(sent_at, :now)",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":sent": SENT, ":ses_id": ses_id, ":now": iso(now)},
        )

    def unsent(self, message_id: str, attempt: int, state: str, reason: str) -> None:
        """Settle: this try certainly sent nothing. In a waiting state a later try may claim it.

        ConditionFailed carries the item where a later try has claimed it, or an event has settled it: they know better.
        """
        with conditional():
            self._table.update_item(
                Key={"id": message_id},
                UpdateExpression="SET #state = :state, reason = :reason",
                ConditionExpression="attempts = :attempt AND attribute_not_exists(sent_at)",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={":state": state, ":reason": reason, ":attempt": attempt},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )

    def taken(self, message_id: str, known: Mapping[str, str]) -> None:
        """Settle: SES took the message. `known` is what an event tells of it, `ses_id` and `sent_at` at least; nothing
        that is there is changed by it."""
        self._learn(message_id, {}, known, ())

    def happened(
        self, message_id: str, happening: Happening, known: Mapping[str, str], without: Collection[str] = ()
    ) -> None:
        """Add an SES event to a message's timeline, and settle it as `taken` does; the events with the keys in
        `without` go."""
        event = {"kind": happening.kind, "at": happening.at, "facts": happening.facts}
        self._learn(message_id, {EVENT + happening.key: event}, known, [EVENT + key for key in without])

    def _learn(self, message_id: str, new: Mapping[str, Any], known: Mapping[str, str], gone: Collection[str]) -> None:
        sets = [f"#{n} = if_not_exists(#{n}, :{n})" for n in known]
        sets += [f"#new{number} = :new{number}" for number in range(len(new))]
        removes = f" REMOVE {', '.join(f'#gone{number}' for number in range(len(gone)))}" if gone else ""
        names = {f"#{n}": n for n in known} | {f"#new{number}": name for number, name in enumerate(new)}
        self._table.update_item(
            Key={"id": message_id},
            UpdateExpression=f"SET {', '.join(sets)}{removes}",
            ExpressionAttributeNames=names | {f"#gone{number}": name for number, name in enumerate(gone)},
            ExpressionAttributeValues={f":{n}": value for n, value in known.items()}
            | {f":new{number}": value for number, value in enumerate(new.values())},
        )

    def get(self, message_id: str, *, cheaply: bool = False) -> Message | None:
        """`cheaply`: what was written within the last second may be missing."""
        item = self._table.get_item(Key={"id": message_id}, ConsistentRead=not cheaply).get("Item")
        return message_of(item) if item else None

    def is_settled(self, message_id: str) -> bool:
        """Whether SES is known to have taken the message, as far as a cheap read tells: True is sure."""
        found = self._table.get_item(Key={"id": message_id}, ProjectionExpression="sent_at", ConsistentRead=False)
        return "sent_at" in found.get("Item", {})

    def newest(self, limit: int, now: datetime) -> list[Message]:
        """The messages of the last 90 days, newest first, at most `limit`."""
        keys = list(self._newest_ids(limit, now))
        return [message for key in keys if (message := self.get(key))]

    def _newest_ids(self, limit: int, now: datetime) -> Iterator[str]:
        for age in range(DAYS_LISTED):
            page = self._table.query(
                IndexName="by_day",
                KeyConditionExpression="#day = :day",
                ExpressionAttributeNames={"#day": "day"},
                ExpressionAttributeValues={":day": iso(now - timedelta(days=age))[:10]},
                ScanIndexForward=False,
                Limit=limit,
            )["Items"]
            yield from (str(item["id"]) for item in page)
            limit -= len(page)
            if limit <= 0:
                return


def message_id(idempotency_key: str) -> str:
    """A message's id: the same for a repeated request; fits an SES tag (letters, digits, `_`, `-`)."""
    digest = hashlib.sha256(idempotency_key.encode()).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()


def trying_again(now: datetime) -> dict[str, str | int]:
    """What TRIED_AGAIN compares with."""
    waiting: dict[str, str | int] = {f":waiting{number}": name for number, name in enumerate(WAITING)}
    times = {":now": iso(now), ":due": after(now, seconds=EARLY_SECONDS)}
    return waiting | times | {":claimed": CLAIMED, ":scheduled": SCHEDULED}


def message_of(item: dict[str, Any]) -> Message:
    state = item.get("state", FOREIGN)
    if "sent_at" in item and state in (CLAIMED, *WAITING):
        state = SENT
    events = [Happening(key=name.removeprefix(EVENT), **item[name]) for name in item if name.startswith(EVENT)]
    happened = timeline(events, item.get("sent_at"))
    return Message(
        id=item["id"],
        recipient=item.get("recipient", ""),
        stream=item.get("stream", ""),
        template=item.get("template", ""),
        subject=item.get("subject", ""),
        state=state,
        status=status(state, happened),
        reason=item.get("reason"),
        created_at=item.get("created_at"),
        sent_at=item.get("sent_at"),
        ses_id=item.get("ses_id"),
        send_at=item.get("send_at"),
        resend_after=item.get("resend_after"),
        attempts=int(item.get("attempts", 0)),
        ticket=item.get("ticket"),
        timeline=happened,
    )
