import logging
import os
from datetime import timedelta
from functools import partial
from typing import Any

import boto3

from lambdas.shared.bus import Bus
from lambdas.shared.queue import Later, Queue, Rejected, time_left
from lambdas.shared.recipients import Recipients
from lambdas.shared.suppressed import Suppressed
from lambdas.shared.timestamps import now, parsed
from lambdas.suppression.rounds import Rounds
from lambdas.suppression.ses_list import ONCE, SesList, Throttled
from lambdas.suppression.settle import Settler
from lambdas.suppression.sync import OutOfTime, Run, Sync

RESERVE_MILLISECONDS = 60_000  # a call to SES that is refused and repeated takes half of it
AT_MOST = timedelta(hours=20)  # for one command: the next day's goes on
REST_SECONDS = 300

log = logging.getLogger(__name__)
queue = Queue.from_environment()
table = boto3.resource("dynamodb").Table(os.environ["RECIPIENTS_TABLE"])
sync = Sync(
    settler=Settler(
        recipients=Recipients(table),
        ses=SesList(client=boto3.client("sesv2", config=ONCE)),
        emit=Bus(boto3.client("events"), os.environ["BUS_NAME"]).emit,
    ),
    suppressed=Suppressed(table),
    rounds=Rounds(table),
    now=now,
)


def bring_in_step(context: Any, command: dict[str, Any]) -> None:
    if command.get("detail-type") != "SyncSuppressions":
        raise Rejected(f"no command of the suppressions: {command.get('detail-type')!r}")
    if now() - parsed(command["time"]) > AT_MOST:
        return log.info("the next command goes on")
    run = Run()
    try:
        sync.run(lambda: time_left(context) > RESERVE_MILLISECONDS, run)
    except OutOfTime:
        raise Later(1, "the time of this run is over, and more is to be compared") from None
    except Throttled:
        raise Later(REST_SECONDS, "SES takes no more requests for now") from None
    finally:
        log.info("compared", extra={"done": dict(run.done)})
    return None


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, partial(bring_in_step, context))
