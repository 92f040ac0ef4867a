import json
import os
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from lambdas.helpdesk.ask import Commands
from lambdas.helpdesk.routes import Helpdesk
from lambdas.shared.schemas import Schemas
from lambdas.shared.tickets.files import TicketFiles
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.timestamps import now

# Links of the older signature, which boto3 still makes in the oldest regions, are refused by buckets of newer ones.
s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
sqs = boto3.client("sqs")
table = boto3.resource("dynamodb").Table(os.environ["TICKETS_TABLE"])
tickets = Tickets(table)
files = TicketFiles(s3=s3, bucket=os.environ["MAIL_BUCKET"])


def put(command: dict[str, Any]) -> None:
    sqs.send_message(QueueUrl=os.environ["TICKETS_QUEUE_URL"], MessageBody=json.dumps(command))


helpdesk = Helpdesk(
    table=table,
    tickets=tickets,
    files=files,
    commands=Commands(
        schemas=Schemas(Path(os.environ["LAMBDA_TASK_ROOT"], "schemas")),
        tickets=tickets,
        files=files,
        put=put,
        now=now,
    ),
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Answer an IAM-signed request (HTTP API, payload format 2.0)."""
    return helpdesk.answer(event)
