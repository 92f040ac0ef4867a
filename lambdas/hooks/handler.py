import json
import os
from functools import partial
from typing import Any

import boto3

from lambdas.hooks.take import Hooks, Secrets
from lambdas.shared.destinations import TICKET_SYSTEMS, Destination
from lambdas.shared.secret import secret
from lambdas.shared.timestamps import iso, now

sqs = boto3.client("sqs")


def ask(id: str, detail_type: str, detail: dict[str, Any]) -> None:
    command = {"id": id, "detail-type": detail_type, "time": iso(now()), "detail": detail}
    sqs.send_message(QueueUrl=os.environ["CONNECT_QUEUE_URL"], MessageBody=json.dumps(command))


known = Destination.read(os.environ["DESTINATIONS"])
hooks = Hooks(
    destinations={name: given for name, given in known.items() if given.kind in TICKET_SYSTEMS},
    secrets=Secrets(partial(secret, boto3.client("secretsmanager")), now),
    ask=ask,
    now=now,
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Answer POST /hooks/{destination} (HTTP API, payload format 2.0)."""
    return hooks.answer(event)
