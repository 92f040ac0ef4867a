"""One SQS batch, record by record: a bad record never takes its neighbours along.

What a record's handler may raise, and what then becomes of the record:

    Rejected(reason)   it can never work: to the dead-letter queue at once, with the reason
    Later(seconds)     not now: a copy goes to the end of the queue with that delay
    anything else      SQS delivers it again; the last delivery ends in the dead-letter queue, with the reason

A function that is killed leaves its records to SQS's own redrive policy, which counts the same deliveries.
"""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sqs.client import SQSClient

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)

MAX_DELAY_SECONDS = 900  # SQS DelaySeconds
REASON_LENGTH = 1000


class Rejected(Exception):
    """The record can never be handled as it is; the message says why, for the operator."""


class Later(Exception):
    """The record cannot be handled yet."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = max(1, min(round(seconds), MAX_DELAY_SECONDS))


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

    def process(self, event: dict[str, Any], handle: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Hand each record's JSON body to `handle`; gives SQS's partial batch response."""
        failed = [record["messageId"] for record in event["Records"] if not self._settle(record, handle)]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    def _settle(self, record: dict[str, Any], handle: Callable[[dict[str, Any]], None]) -> bool:
        """True if SQS may forget the record."""
        try:
            handle(body(record))
        except Rejected as rejected:
            self._bury(record, str(rejected))
        except Later as later:
            log.info("later", extra={"seconds": later.seconds, "reason": str(later)})
            self._sqs.send_message(QueueUrl=self._url, MessageBody=record["body"], DelaySeconds=later.seconds)
        except Exception as error:  # whatever it was, the other records must go on
            log.exception("failed", extra={"record": record["messageId"]})
            if int(record["attributes"]["ApproximateReceiveCount"]) < self._max_receives:
                return False
            self._bury(record, f"failed {self._max_receives} times, last with {type(error).__name__}: {error}")
        return True

    def _bury(self, record: dict[str, Any], reason: str) -> None:
        log.error("dead-lettered", extra={"record": record["messageId"], "reason": reason})
        self._sqs.send_message(
            QueueUrl=self._dead_letters_url,
            MessageBody=record["body"],
            MessageAttributes={"Reason": {"DataType": "String", "StringValue": reason[:REASON_LENGTH]}},
        )


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
