import os
from pathlib import Path
from typing import Any

from lambdas.api.api import Api
from lambdas.shared.guard.slowed import Slowed
from lambdas.shared.outbox.at_once import queues_from_environment
from lambdas.shared.outbox.outbox import AT_ONCE
from lambdas.shared.outbox.wiring import outbox_from_environment, tables
from lambdas.shared.schemas import Schemas
from lambdas.shared.tokens.wiring import desk_from_environment

slowed = Slowed.from_environment(tables())
outbox = outbox_from_environment(turn=lambda stream: AT_ONCE if slowed(stream) else 0)  # `send` gives turns

api = Api(
    schemas=Schemas(Path(os.environ["LAMBDA_TASK_ROOT"], "schemas")),
    outbox=outbox,
    desk=desk_from_environment(outbox),
    put=queues_from_environment(),
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Answer an IAM-signed request (HTTP API, payload format 2.0)."""
    return api.answer(event)
