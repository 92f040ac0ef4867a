import os
from pathlib import Path
from typing import Any

import boto3

from lambdas.api.api import Api
from lambdas.shared.outbox.wiring import outbox_from_environment
from lambdas.shared.schemas import Schemas
from lambdas.shared.tokens.wiring import desk_from_environment

sqs = boto3.client("sqs")
outbox = outbox_from_environment()


def put(queue: str, event: str, seconds: float) -> None:
    sqs.send_message(QueueUrl=os.environ[queue], MessageBody=event, DelaySeconds=max(0, min(900, round(seconds))))


api = Api(
    schemas=Schemas(Path(os.environ["LAMBDA_TASK_ROOT"], "schemas")),
    outbox=outbox,
    desk=desk_from_environment(outbox),
    put_mail=lambda event, seconds: put("SEND_QUEUE_URL", event, seconds),
    put_proof=lambda event, seconds: put("TOKENS_QUEUE_URL", event, seconds),
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Answer an IAM-signed request (HTTP API, payload format 2.0)."""
    return api.answer(event)
