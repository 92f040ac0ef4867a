"""Watches what comes back of the mail that goes out, and pauses what would cost the account its sending."""

import json
import os
from pathlib import Path
from typing import Any

import boto3

from lambdas.guard.act import Acts
from lambdas.guard.look import Guard
from lambdas.shared.bus import Bus
from lambdas.shared.counts.table import Counts
from lambdas.shared.guard.policy import Policy
from lambdas.shared.guard.table import Guarded
from lambdas.shared.queue import Queue, Rejected
from lambdas.shared.schemas import Schemas
from lambdas.shared.timestamps import now

queue = Queue.from_environment()
schemas = Schemas(Path(os.environ["LAMBDA_TASK_ROOT"], "schemas"))
table = boto3.resource("dynamodb").Table(os.environ["COUNTS_TABLE"])
policy = Policy.of(json.loads(os.environ["GUARD"]))
guard = Guard(
    counts=Counts(table),
    guarded=Guarded(table),
    policy=policy,
    acting=Acts(
        ses=boto3.client("sesv2"),
        sns=boto3.client("sns"),
        emit=Bus(boto3.client("events"), os.environ["BUS_NAME"]).emit,
        topic=os.environ["ALARMS_TOPIC"],
        sets=json.loads(os.environ["CONFIGURATION_SETS"]),
        policy=policy,
        stage=os.environ["STAGE"],
    ),
    now=now,
)
BY_HAND = {"PauseStream": guard.pause, "ResumeStream": guard.resume}


def obey(command: dict[str, Any]) -> None:
    kind = str(command.get("detail-type"))
    if kind == "LookAtRates":
        guard.look()
    elif kind in BY_HAND:
        detail = schemas.check(kind, command.get("detail"))
        BY_HAND[kind](detail["stream"], detail["reason"], str(command["id"]))
    else:
        raise Rejected(f"no command of the guard: {kind!r}")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, obey)
