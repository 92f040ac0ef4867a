import json
import os
import time
from pathlib import Path
from typing import Any

import boto3

from lambdas.send.send import send
from lambdas.send.turns import Turns
from lambdas.shared.guard.slowed import Slowed
from lambdas.shared.outbox.wiring import handing_on, outbox_from_environment, tables
from lambdas.shared.queue import Queue
from lambdas.shared.schemas import Schemas

sqs = boto3.client("sqs")
queue = Queue.from_environment()
schemas = Schemas(Path(os.environ["LAMBDA_TASK_ROOT"], "schemas"))
per_second = float(os.environ["SENDS_PER_SECOND"])
turns = Turns(
    slowed=Slowed.from_environment(tables()),
    per_second=per_second / float(os.environ["SLOWED_BY"]),
    clock=time.monotonic,
)
outbox = outbox_from_environment(per_second, turns.wait)


def put(event: dict[str, Any]) -> None:
    sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(event))


handle = handing_on("Send", lambda asked: send(asked, schemas=schemas, outbox=outbox, put=put))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, handle)
