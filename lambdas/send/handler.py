import json
import os
from pathlib import Path
from typing import Any

import boto3

from lambdas.send.send import send
from lambdas.shared.outbox.wiring import outbox_from_environment
from lambdas.shared.queue import Queue
from lambdas.shared.schemas import Schemas

sqs = boto3.client("sqs")
queue = Queue.from_environment()
schemas = Schemas(Path(os.environ["LAMBDA_TASK_ROOT"], "schemas"))
outbox = outbox_from_environment(float(os.environ["SENDS_PER_SECOND"]))


def put(event: dict[str, Any]) -> None:
    sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(event))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, lambda asked: send(asked, schemas=schemas, outbox=outbox, put=put))
