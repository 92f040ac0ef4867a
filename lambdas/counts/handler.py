import logging
import os
from functools import partial
from typing import Any

import boto3

from lambdas.counts.fold import Fold
from lambdas.shared.counts.stream import Stream
from lambdas.shared.counts.table import Counts
from lambdas.shared.queue import Later, Queue, Rejected, time_left
from lambdas.shared.timestamps import now

RESERVE_MILLISECONDS = 15_000  # for what one page of the stream may still bring

log = logging.getLogger(__name__)
queue = Queue.from_environment()
fold = Fold(
    stream=Stream(boto3.client("dynamodbstreams"), os.environ["MESSAGES_STREAM_ARN"]),
    counts=Counts(boto3.resource("dynamodb").Table(os.environ["COUNTS_TABLE"])),
    now=now,
)


def count(context: Any, command: dict[str, Any]) -> None:
    """`detail.at_once`: somebody waits for it."""
    if command.get("detail-type") != "Count":
        raise Rejected(f"no command of the counts: {command.get('detail-type')!r}")
    at_once = command.get("detail", {}).get("at_once") is True
    run = fold.run(lambda: time_left(context) > RESERVE_MILLISECONDS, at_once=at_once)
    told = {"found": run.found, "changes": run.changes, "transactions": run.transactions}
    log.info("counted", extra=told | {"lag_seconds": round(run.lag_seconds, 1)})
    if run.more:
        raise Later(1, "there is more to count")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, partial(count, context))
