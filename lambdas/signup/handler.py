import os
from pathlib import Path
from typing import Any

import boto3

from lambdas.shared.queue import Queue
from lambdas.shared.schemas import Schemas
from lambdas.shared.timestamps import now
from lambdas.shared.verifications import Verifications
from lambdas.signup.start import start

sqs = boto3.client("sqs")
queue = Queue.from_environment()
schemas = Schemas(Path(os.environ["LAMBDA_TASK_ROOT"], "schemas"))
verifications = Verifications(boto3.resource("dynamodb").Table(os.environ["TOKENS_TABLE"]))
token_key = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["TOKEN_KEY_ARN"])["SecretString"]


def put(body: str) -> None:
    sqs.send_message(QueueUrl=os.environ["SEND_QUEUE_URL"], MessageBody=body)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return queue.process(
        event,
        lambda signed_up: start(
            signed_up,
            schemas=schemas,
            verifications=verifications,
            token_key=token_key.encode(),
            pages_url=os.environ["PAGES_URL"],
            put=put,
            now=now(),
        ),
    )
