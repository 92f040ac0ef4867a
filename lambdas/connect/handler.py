import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
from botocore.exceptions import ClientError

from lambdas.connect.destinations import Destination, Remotes
from lambdas.connect.pull import Pull
from lambdas.connect.router import EVENTS, Router
from lambdas.connect.standing import Standing
from lambdas.connect.sync import Sync
from lambdas.connect.work import Work
from lambdas.shared.queue import NOT_ALLOWED, Queue, Rejected, time_left
from lambdas.shared.schemas import Schemas
from lambdas.shared.tickets.files import TicketFiles
from lambdas.shared.tickets.links import Links
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.timestamps import iso, now

LONGEST = timedelta(minutes=15)  # of an execution (Lambda developer guide, quotas)

sqs, secrets = boto3.client("sqs"), boto3.client("secretsmanager")
queue = Queue.from_environment()
schemas = Schemas(Path(os.environ["LAMBDA_TASK_ROOT"], "schemas"))
table = boto3.resource("dynamodb").Table(os.environ["TICKETS_TABLE"])
files = TicketFiles(s3=boto3.client("s3"), bucket=os.environ["MAIL_BUCKET"])
destinations = Destination.read(os.environ["DESTINATIONS"])


def secret(arn: str) -> str | None:
    """A secret that was made and never filled has no version (API GetSecretValue, ResourceNotFoundException)."""
    try:
        return secrets.get_secret_value(SecretId=arn)["SecretString"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None


def send(queue_url: str, id: str, detail_type: str, time: str, detail: dict[str, Any]) -> None:
    command = {"id": id, "detail-type": detail_type, "time": time, "detail": detail}
    sqs.send_message(QueueUrl=queue_url, MessageBody=NOT_ALLOWED.sub("?", json.dumps(command, ensure_ascii=False)))


def ask_ourselves(id: str, detail_type: str, detail: dict[str, Any]) -> None:
    send(os.environ["QUEUE_URL"], id, detail_type, iso(now()), detail)


router = Router(destinations=destinations, ask=ask_ourselves)
work = Work(
    tickets=Tickets(table),
    links=Links(table),
    standing=Standing(table),
    remotes=Remotes(destinations, secret, now),
    ask=partial(send, os.environ["TICKETS_QUEUE_URL"]),
    ask_ourselves=ask_ourselves,
    now=now,
    holder=lambda: str(uuid4()),
)
sync, pull = Sync(work=work, read=files.raw), Pull(work=work)

COMMANDS: dict[str, Callable[[dict[str, Any], datetime], None]] = {
    "SyncTicket": lambda detail, ends: sync.sync(detail["ticket"], detail["destination"], ends),
    "PullTicket": lambda detail, ends: pull.pull(detail["destination"], detail["remote"], ends),
    **dict.fromkeys(EVENTS, lambda detail, _ends: router.route(detail)),
}


def perform(ends: datetime, body: dict[str, Any]) -> None:
    kind = body.get("detail-type", "")
    if kind not in COMMANDS:
        raise Rejected(f"nothing that a destination is told of: {kind!r}")
    COMMANDS[kind](schemas.check(kind, body.get("detail")), ends)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    left = timedelta(milliseconds=min(time_left(context), LONGEST / timedelta(milliseconds=1)))
    return queue.process(event, context, partial(perform, work.now() + left))
