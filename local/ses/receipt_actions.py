"""What a receipt rule does with a mail: one function for each kind of action (API ReceiptAction)."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.ses.arrival import Arrival
from local.ses.aws import Aws

_SUBJECT = "Amazon SES Email Receipt Notification"


@dataclass(kw_only=True)
class Course:
    """One mail on its way through the rules; `headers` are those AddHeaderAction has added so far."""

    aws: Aws
    clock: Callable[[], datetime]
    arrival: Arrival
    headers: list[tuple[str, str]]
    stopped: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """One action of one rule: its details, and the recipients that met the rule."""

    details: dict[str, Any]
    matched: list[str]
    rule_arn: str


def _s3(course: Course, step: Step) -> None:
    """The key is prefix and message id, with nothing between or after (DG receiving-email-action-s3)."""
    bucket, prefix = step.details["BucketName"], step.details.get("ObjectKeyPrefix", "")
    key = prefix + course.arrival.id
    course.aws.put_object(bucket, key, course.arrival.stored(course.headers), source_arn=step.rule_arn)
    _notify(course, step, "S3", {"bucketName": bucket, "objectKeyPrefix": prefix, "objectKey": key})


def _sns(course: Course, step: Step) -> None:
    """UTF-8 damages what is not UTF-8, here as on AWS."""
    encoding = step.details.get("Encoding", "UTF-8")
    mail = course.arrival.stored(course.headers)
    content = base64.b64encode(mail).decode() if encoding == "Base64" else mail.decode("utf-8", "replace")
    _notify(course, step, "SNS", {"encoding": encoding.upper()}, content=content)


def _stop(course: Course, step: Step) -> None:
    course.stopped = True
    _notify(course, step, "Stop", {})


def _bounce(course: Course, step: Step) -> None:
    """The mail goes no further and the topic hears of it; the bounce itself is not written (docs/local.md)."""
    course.stopped = True
    names = {"smtpReplyCode": "SmtpReplyCode", "statusCode": "StatusCode", "message": "Message", "sender": "Sender"}
    _notify(course, step, "Bounce", {key: step.details[name] for key, name in names.items() if name in step.details})


def _add_header(course: Course, step: Step) -> None:
    course.headers.append((step.details["HeaderName"], step.details["HeaderValue"]))


def _notify(course: Course, step: Step, kind: str, about: dict[str, Any], **extra: str) -> None:
    topic = step.details.get("TopicArn")
    if topic:
        action = {"type": kind, "topicArn": topic, **about}
        body = course.arrival.notification(step.matched, action, now=course.clock())
        course.aws.publish(topic, _SUBJECT, json.dumps({**body, **extra}), source_arn=step.rule_arn)


ACTIONS: dict[str, Callable[[Course, Step], None]] = {
    "S3Action": _s3,
    "SNSAction": _sns,
    "StopAction": _stop,
    "BounceAction": _bounce,
    "AddHeaderAction": _add_header,
}
