import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3

from lambdas.shared.bus import Bus
from lambdas.shared.queue import Queue, Rejected
from lambdas.shared.schemas import Schemas
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tickets.ticket import Mailbox
from lambdas.shared.timestamps import now
from lambdas.tickets.not_received import not_received
from lambdas.tickets.perform import Team
from lambdas.tickets.sent import sent
from lambdas.tickets.upkeep import Upkeep

bucket = os.environ["MAIL_BUCKET"]
s3, sqs = boto3.client("s3"), boto3.client("sqs")
queue = Queue.from_environment()
schemas = Schemas(Path(os.environ["LAMBDA_TASK_ROOT"], "schemas"))
table = boto3.resource("dynamodb").Table(os.environ["TICKETS_TABLE"])


def copy(key: str, to: str) -> None:
    s3.copy_object(Bucket=bucket, Key=to, CopySource={"Bucket": bucket, "Key": key})


def delete(key: str) -> None:
    s3.delete_object(Bucket=bucket, Key=key)


def ask(id: str, detail_type: str, time: str, detail: dict[str, Any]) -> None:
    command = {"id": id, "detail-type": detail_type, "time": time, "detail": detail}
    sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(command))


tickets = Tickets(table)
team = Team(
    tickets=tickets,
    mailboxes=Mailbox.read(os.environ["MAILBOXES"]),
    emit=Bus(boto3.client("events"), os.environ["BUS_NAME"]).emit,
    copy=copy,
    bucket=bucket,
)
upkeep = Upkeep(
    table=table,
    tickets=tickets,
    ask=ask,
    delete=delete,
    close_after=timedelta(days=int(os.environ["CLOSE_AFTER_DAYS"])),
    keep=timedelta(days=int(os.environ["TICKET_DAYS"])),
)


def unheard(event: dict[str, Any]) -> None:
    if command := not_received(event):
        team.note(command, wake=True)


COMMANDS: dict[str, Callable[[dict[str, Any]], None]] = {
    "AnswerTicket": team.answer,
    "NoteTicket": team.note,
    "ChangeTicket": team.change,
    "CloseTicket": team.close,
}
EVENTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "MailSent": lambda event: team.tickets.sent(*sent(event)),
    "MailBounced": unheard,
    "MailFailed": unheard,
    "Upkeep": lambda _event: upkeep.run(now()),
}


def perform(body: dict[str, Any]) -> None:
    kind = body.get("detail-type", "")
    if kind in COMMANDS:
        schemas.check(kind, body.get("detail"))
        COMMANDS[kind](body)
    elif kind in EVENTS:
        EVENTS[kind](body)
    else:
        raise Rejected(f"no command of a ticket: {kind!r}")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, perform)
