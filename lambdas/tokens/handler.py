import os
from pathlib import Path
from typing import Any

from lambdas.shared.outbox.wiring import handing_on, outbox_from_environment
from lambdas.shared.queue import Queue
from lambdas.shared.schemas import Schemas
from lambdas.shared.tokens.wiring import desk_from_environment
from lambdas.tokens.ask import ask

queue = Queue.from_environment()
schemas = Schemas(Path(os.environ["LAMBDA_TASK_ROOT"], "schemas"))
desk = desk_from_environment(outbox_from_environment())
handle = handing_on("Tokens", lambda asked: ask(asked, schemas=schemas, desk=desk))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, handle)
