"""One SQS batch, record by record: a bad record never takes its neighbours along.

What a record's handler may raise, and what then becomes of the record:

    Rejected(reason)   it can never work: to the dead-letter queue at once, with the reason
    Later(seconds)     not now: a copy goes to the end of the queue with that delay, for three days at most; then to the
                       dead-letter queue
    anything else      SQS delivers it again; the last delivery ends in the dead-letter queue, with the reason

A function that is killed leaves its records to SQS's own redrive policy, which counts the same deliveries.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
import traceback
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_sqs.client import SQSClient

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)

MAX_DELAY_SECONDS = 900  # SQS DelaySeconds
PATIENCE_SECONDS = 72 * 3600
RESERVE_MILLISECONDS = 15_000  # what one more record may take; with less left, the rest of a batch waits
REASON_LENGTH = 1000
# SQS takes all others in a message attribute (SendMessage, "Unicode characters allowed"). Named are these few, because
# the ranges of the others take 7 ms to compile.
NOT_ALLOWED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ADDRESS = re.compile(r"[^\s<>\"'/:]+@(?=[^\s@]+\.)")


class Rejected(Exception):
    """The record can never be handled as it is; the message says why, for the operator. `more` goes along as message
    attributes, by their names; it is for no log."""

    def __init__(self, reason: str, more: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.more = more or {}


class Later(Exception):
    """The record cannot be handled yet; `more` as of Rejected, should it never be. `rest` is the body that comes later
    in its place, where some of it is done."""

    def __init__(
        self,
        seconds: float,
        reason: str,
        more: Mapping[str, str] | None = None,
        rest: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(reason)
        self.seconds = max(1, min(round(seconds), MAX_DELAY_SECONDS))
        self.more = more or {}
        self.rest = rest


class Queue:
    """The queue that feeds a function, and the dead-letter queue behind it."""

    def __init__(self, sqs: SQSClient, *, url: str, dead_letters_url: str, max_receives: int) -> None:
        self._sqs = sqs
        self._url = url
        self._dead_letters_url = dead_letters_url
        self._max_receives = max_receives

    @classmethod
    def from_environment(cls) -> Queue:
        """The queue that the infrastructure wired to this function."""
        return cls(
            boto3.client("sqs"),
            url=os.environ["QUEUE_URL"],
            dead_letters_url=os.environ["DEAD_LETTERS_URL"],
            max_receives=int(os.environ["MAX_RECEIVES"]),
        )

    def process(self, event: dict[str, Any], context: Any, handle: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Hand each record's JSON body to `handle`; gives SQS's partial batch response."""
        failed = [
            record["messageId"] for record in event["Records"] if not self._settle(record, handle, time_left(context))
        ]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    def _settle(self, record: dict[str, Any], handle: Callable[[dict[str, Any]], None], milliseconds: float) -> bool:
        """True if SQS may forget the record."""
        try:
            if milliseconds < RESERVE_MILLISECONDS:
                raise Later(1, "the records before it took all the time")  # noqa: TRY301 - as the handler would
            handle(body(record))
        except Rejected as rejected:
            return self._send(self._bury, record, str(rejected), rejected.more)
        except Later as later:
            return self._send(self._put_back, record, later)
        except Exception as error:  # whatever it was, the other records must go on
            log.error("failed", extra={"record": record["messageId"], **described(error)})  # noqa: TRY400 - see there
            if int(record["attributes"]["ApproximateReceiveCount"]) < self._max_receives:
                return False
            reason = f"failed {self._max_receives} times, last with {type(error).__name__}: {error}"
            return self._send(self._bury, record, reason)
        return True

    def _send(self, send: Callable[..., None], record: dict[str, Any], *arguments: Any) -> bool:
        """Where SQS does not take it, SQS keeps the record and delivers it again."""
        try:
            send(record, *arguments)
        except Exception as error:  # as above
            log.error("not sent on", extra={"record": record["messageId"], **described(error)})  # noqa: TRY400
            return False
        return True

    def _put_back(self, record: dict[str, Any], later: Later) -> None:
        since = first_seen(record)
        if time.time() - since > PATIENCE_SECONDS:
            self._bury(record, f"waited for {PATIENCE_SECONDS // 3600} hours: {later}", later.more)
            return
        log.info("later", extra={"seconds": later.seconds, "reason": masked(str(later))})
        self._sqs.send_message(
            QueueUrl=self._url,
            MessageBody=record["body"] if later.rest is None else json.dumps(later.rest),
            DelaySeconds=later.seconds,
            MessageAttributes={"FirstSeen": {"DataType": "Number", "StringValue": f"{since:.0f}"}},
        )

    def put(self, body: str) -> None:
        """Put a record into the queue, as one that nobody has tried yet."""
        self._sqs.send_message(QueueUrl=self._url, MessageBody=body)

    def _bury(self, record: dict[str, Any], reason: str, more: Mapping[str, str] | None = None) -> None:
        self.bury(record["messageId"], record["body"], reason, more)

    def bury(self, id: str, body: str, reason: str, more: Mapping[str, str] | None = None) -> None:
        """Put a record into the dead letters, by the id that the log calls it; as with Rejected."""
        told = NOT_ALLOWED.sub("?", masked(reason))[:REASON_LENGTH]
        shown = {name: NOT_ALLOWED.sub("?", text) for name, text in (more or {}).items() if text}  # SQS: none is empty
        log.error("dead-lettered", extra={"record": id, "reason": told})
        self._sqs.send_message(
            QueueUrl=self._dead_letters_url,
            MessageBody=body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": text} for name, text in {**shown, "Reason": told}.items()
            },
        )


def time_left(context: Any) -> float:
    """Milliseconds; without Lambda's context there is no end."""
    return float(context.get_remaining_time_in_millis()) if context else float("inf")


def first_seen(record: dict[str, Any]) -> float:
    """When the first of the copies that this record is one of was sent, in seconds since 1970."""
    copied = record.get("messageAttributes", {}).get("FirstSeen", {}).get("stringValue")
    sent = record["attributes"].get("SentTimestamp")
    return float(copied or (int(sent) / 1000 if sent else time.time()))


def described(error: Exception) -> dict[str, str]:
    """What a log may say of an error: what it is and where it arose. Not its text, which may hold an address."""
    frames = traceback.extract_tb(error.__traceback__)
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames[-8:]))
    return {"error": type(error).__name__, "code": code, "at": where}


def masked(text: str) -> str:
    """The text with the local parts of its addresses taken out."""
    return ADDRESS.sub("…@", text)


def body(record: dict[str, Any]) -> dict[str, Any]:
    try:
        parsed = json.loads(record["body"])
    except ValueError:
        raise Rejected("the body is not JSON") from None
    if not isinstance(parsed, dict):
        raise Rejected("the body is not a JSON object")
    return parsed


def sns_message(envelope: dict[str, Any]) -> dict[str, Any]:
    """The JSON object inside an SNS envelope, as SQS gets it without raw delivery."""
    try:
        message = json.loads(envelope["Message"])
    except (KeyError, TypeError, ValueError):
        raise Rejected("the body is no SNS envelope around a JSON message") from None
    if not isinstance(message, dict):
        raise Rejected("the SNS message is not a JSON object")
    return message
