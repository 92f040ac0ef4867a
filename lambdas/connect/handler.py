import json
import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3

from lambdas.connect.check import Check
from lambdas.connect.clients import WEBHOOKS, Clients, ticket_systems
from lambdas.connect.deliver import Deliver
from lambdas.connect.poll import Poll
from lambdas.connect.pull import Pull
from lambdas.connect.router import EVENTS, Router
from lambdas.connect.standing import Standing
from lambdas.connect.sync import Sync
from lambdas.connect.work import Work
from lambdas.shared.destinations import Destination
from lambdas.shared.queue import NOT_ALLOWED, Queue, Rejected, time_left
from lambdas.shared.schemas import Schemas
from lambdas.shared.secret import secret
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
standing = Standing(table)
systems = ticket_systems(lambda name: standing.rest(name, now()))
remotes = Clients(destinations, partial(secret, secrets), now, systems)
webhooks = Clients(destinations, partial(secret, secrets), now, WEBHOOKS)


def command(id: str, detail_type: str, time: str, detail: dict[str, Any]) -> str:
    whole = {"id": id, "detail-type": detail_type, "time": time, "detail": detail}
    return NOT_ALLOWED.sub("?", json.dumps(whole, ensure_ascii=False))


def send(queue_url: str, id: str, detail_type: str, time: str, detail: dict[str, Any], delay: int = 0) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody=command(id, detail_type, time, detail), DelaySeconds=delay)


def ask_ourselves(id: str, detail_type: str, detail: dict[str, Any], delay: int = 0) -> None:
    send(os.environ["QUEUE_URL"], id, detail_type, iso(now()), detail, delay)


def bury(id: str, detail_type: str, detail: dict[str, Any], why: Rejected) -> None:
    queue.bury(id, command(id, detail_type, iso(now()), detail), str(why), why.more)


work = Work(
    tickets=Tickets(table),
    links=Links(table),
    standing=standing,
    remotes=remotes,
    ask=partial(send, os.environ["TICKETS_QUEUE_URL"]),
    ask_ourselves=ask_ourselves,
    bury=bury,
    now=now,
    holder=lambda: str(uuid4()),
)
router = Router(destinations=destinations, ask=ask_ourselves)
sync, pull, poll = Sync(work=work, read=files.raw), Pull(work=work), Poll(destinations=destinations, work=work)
deliver = Deliver(webhooks=webhooks, standing=standing, ask=ask_ourselves, now=now, chance=random.random)
check = Check(remotes=remotes, webhooks=webhooks)

# What is done with a command's detail, in an execution that surely has ended by the given time.
COMMANDS: dict[str, Callable[[dict[str, Any], datetime], None]] = {
    "SyncTicket": lambda detail, ends: sync.sync(detail["ticket"], detail["destination"], ends),
    "PullTicket": lambda detail, ends: pull.pull(detail["destination"], detail["remote"], ends),
    "DeliverEvent": lambda detail, _ends: deliver.deliver(detail),
    "PollDestinations": lambda _detail, _ends: poll.all(),
    "PollDestination": lambda detail, ends: poll.one(detail["destination"], ends),
}


def perform(ends: datetime, body: dict[str, Any]) -> None:
    kind = body.get("detail-type", "")
    if kind not in COMMANDS and kind not in EVENTS:
        raise Rejected(f"nothing that a destination is told of: {kind!r}")
    detail = schemas.check(kind, body.get("detail"))
    if kind in EVENTS:
        router.route(body)
    else:
        COMMANDS[kind](detail, ends)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A batch of the queue; or {"check": name}, whose answer is {"wrong": [sentence, ...]}."""
    if "check" in event:
        return {"wrong": check.wrong(str(event["check"]))}
    left = timedelta(milliseconds=min(time_left(context), LONGEST / timedelta(milliseconds=1)))
    return queue.process(event, context, partial(perform, work.now() + left))
