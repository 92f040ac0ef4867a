import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3

from lambdas.inbound.again import Again
from lambdas.inbound.aggregate import Aggregates
from lambdas.inbound.notification import received
from lambdas.inbound.receive import Mailroom
from lambdas.inbound.tell import Telling
from lambdas.shared.bucket import RAW
from lambdas.shared.bus import Bus
from lambdas.shared.queue import NOT_ALLOWED, Queue, Rejected, sns_message
from lambdas.shared.schemas import Schemas
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tickets.ticket import Mailbox
from lambdas.shared.timestamps import iso, now

bucket = os.environ["MAIL_BUCKET"]
s3, sqs = boto3.client("s3"), boto3.client("sqs")
queue = Queue.from_environment()
schemas = Schemas(Path(os.environ["LAMBDA_TASK_ROOT"], "schemas"))
dynamodb = boto3.resource("dynamodb")
tickets = Tickets(dynamodb.Table(os.environ["TICKETS_TABLE"]))
mailboxes = Mailbox.read(os.environ["MAILBOXES"])
aggregates = Aggregates.read(os.environ["REPORTS"], dynamodb.Table(os.environ["REPORTS_TABLE"]), now)
own = frozenset({*json.loads(os.environ["SENDER_ADDRESSES"]), *mailboxes, aggregates.address})


def read_raw(key: str) -> bytes:
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        raise Rejected(f"there is no {key} in the bucket: it was deleted, or never received") from None


def store(key: str, content: bytes, content_type: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType=content_type)


def list_raw(token: str | None) -> tuple[list[tuple[str, datetime]], str | None]:
    """At most 1,000 received mails, in the order of their keys."""
    listed = (
        s3.list_objects_v2(Bucket=bucket, Prefix=RAW, ContinuationToken=token)
        if token
        else s3.list_objects_v2(Bucket=bucket, Prefix=RAW)
    )
    page = [(item["Key"], item["LastModified"]) for item in listed.get("Contents", [])]
    return page, listed.get("NextContinuationToken")


def ask(queue_url: str, id: str, detail_type: str, time: str, detail: dict[str, Any]) -> None:
    command = {"id": id, "detail-type": detail_type, "time": time, "detail": detail}
    sqs.send_message(QueueUrl=queue_url, MessageBody=NOT_ALLOWED.sub("?", json.dumps(command, ensure_ascii=False)))


def ask_tickets(id: str, detail_type: str, time: str, detail: dict[str, Any]) -> None:
    ask(os.environ["TICKETS_QUEUE_URL"], id, detail_type, time, detail)


def ask_ourselves(id: str, detail_type: str, detail: dict[str, Any]) -> None:
    ask(os.environ["QUEUE_URL"], id, detail_type, iso(now()), detail)


def report(ses_id: str, event: dict[str, Any]) -> None:
    """Put an event into the queue of `feedback`, in the envelope that SES's come in."""
    envelope = {"Type": "Notification", "MessageId": f"mail-{ses_id}", "Message": json.dumps(event)}
    sqs.send_message(QueueUrl=os.environ["FEEDBACK_QUEUE_URL"], MessageBody=json.dumps(envelope))


telling = Telling(
    tickets=tickets,
    emit=Bus(boto3.client("events"), os.environ["BUS_NAME"]).emit,
    ask=ask_tickets,
    mailboxes=mailboxes,
    own=own,
)
mailroom = Mailroom(
    read_raw=read_raw,
    store=store,
    tickets=tickets,
    tell=telling.tell,
    report=report,
    mailboxes=mailboxes,
    aggregates=aggregates,
    own=own,
)
again = Again(mailroom=mailroom, list=list_raw, ask=ask_ourselves, now=now)

COMMANDS: dict[str, Callable[[dict[str, Any]], None]] = {
    "ReleaseMail": again.release,
    "RetryMail": again.retry,
    "Reconcile": again.reconcile,
}


def receive(body: dict[str, Any]) -> None:
    """Of the queue: SES's notification in its SNS envelope, or a command."""
    if command := COMMANDS.get(body.get("detail-type", "")):
        command(schemas.check(body["detail-type"], body.get("detail")))
        return
    notification = sns_message(body)
    if mail := received(notification):
        fetch(notification["receipt"]["action"].get("bucketName", bucket), mail.raw_key)
        mailroom.receive(mail)


def fetch(place: str, key: str) -> None:
    """A mail that the standby region has received (infra/standby_inbound.py) is ours from here on, like any other."""
    if place != bucket and place.startswith(os.environ.get("BUCKETS", bucket)):
        s3.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": place, "Key": key})


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, receive)
