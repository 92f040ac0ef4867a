import json
import os
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from lambdas.shared.outbox.render import Templates
from lambdas.shared.outbox.outbox import Outbox
from lambdas.shared.messages import Messages
from lambdas.shared.queue import Queue
from lambdas.shared.recipients import Recipients
from lambdas.shared.schemas import Schemas
from lambdas.shared.timestamps import now

# A send call that is repeated by the SDK may be two mails, so it is never repeated there (see shared/outbox/ses.py).
ONE_TRY = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20)

root = Path(os.environ["LAMBDA_TASK_ROOT"])
tables = boto3.resource("dynamodb")
queue = Queue.from_environment()
outbox = Outbox(
    ses=boto3.client("sesv2", config=ONE_TRY),
    schemas=Schemas(root / "schemas"),
    templates=Templates(root / "templates", product=os.environ["PRODUCT"]),
    messages=Messages(tables.Table(os.environ["MESSAGES_TABLE"])),
    recipients=Recipients(tables.Table(os.environ["RECIPIENTS_TABLE"])),
    sender=os.environ["SENDER"],
    configuration_sets=json.loads(os.environ["CONFIGURATION_SETS"]),
    now=now,
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return queue.process(event, outbox.send)
