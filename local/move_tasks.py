"""StartMessageMoveTask and ListMessageMoveTasks, which MiniStack 1.5.33 does not have: the redrive of dead letters."""

import copy
import json
import time
from typing import Any
from uuid import uuid4

from ministack.core import concurrency  # type: ignore[import-untyped]  # MiniStack ships no types
from ministack.services import sqs  # type: ignore[import-untyped]  # as above

_tasks: dict[str, list[dict[str, Any]]] = {}


def install() -> None:
    sqs._HANDLERS.update(StartMessageMoveTask=_start, ListMessageMoveTasks=_list)  # noqa: SLF001 (its private table)


def _start(asked: dict[str, Any], _url: str) -> dict[str, Any]:
    """At once, whatever MaxNumberOfMessagesPerSecond says. Messages in flight stay, as on AWS."""
    source, now = asked["SourceArn"], time.time()
    queue = _queue(source)
    moving = [message for message in queue["messages"] if message["visible_at"] <= now]
    destinations = _destinations(asked)
    queue["messages"] = [message for message in queue["messages"] if message not in moving]
    for message in moving:
        came_from = message.get("sys", {}).get("DeadLetterQueueSourceArn", "")
        _queue(came_from if came_from in destinations else destinations[0])["messages"].append(_anew(message, now))
    concurrency.esm_wake.set()
    handle = str(uuid4())
    task = {
        "TaskHandle": handle,
        "Status": "COMPLETED",
        "SourceArn": source,
        "ApproximateNumberOfMessagesMoved": len(moving),
        "ApproximateNumberOfMessagesToMove": len(moving),
        "StartedTimestamp": int(now * 1000),
    }
    _tasks.setdefault(source, []).insert(0, task)
    return {"TaskHandle": handle}


def _list(asked: dict[str, Any], _url: str) -> dict[str, Any]:
    return {"Results": _tasks.get(asked["SourceArn"], [])[: int(asked.get("MaxResults", 1))]}


def _destinations(asked: dict[str, Any]) -> list[str]:
    """The one that is named, else the queues whose dead letters the source takes (API StartMessageMoveTask)."""
    sources = [queue["attributes"]["QueueArn"] for queue in sqs._queues.values() if _dead(queue) == asked["SourceArn"]]  # noqa: SLF001
    if not sources:
        raise sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")  # noqa: SLF001
    named = asked.get("DestinationArn")
    return [_queue(named)["attributes"]["QueueArn"]] if named else sources


def _dead(queue: dict[str, Any]) -> str:
    policy = json.loads(queue["attributes"].get("RedrivePolicy") or "{}")
    return str(policy.get("deadLetterTargetArn", ""))


def _queue(arn: str) -> dict[str, Any]:
    found: dict[str, Any] | None = sqs._queue_by_arn(arn)  # noqa: SLF001
    if found is None:
        raise sqs._Err("ResourceNotFoundException", "The resource that you specified does not exist.", 404)  # noqa: SLF001
    return found


def _anew(message: dict[str, Any], now: float) -> dict[str, Any]:
    """AWS counts a redriven message as a new one, with an id and an age of its own."""
    moved = copy.deepcopy(message) | {"id": str(uuid4()), "receive_count": 0, "first_receive_at": None}
    moved |= {"sent_at": now, "visible_at": now, "receipt_handle": None}
    moved["sys"] = {**message.get("sys", {}), "SentTimestamp": str(int(now * 1000))}
    moved["sys"].pop("DeadLetterQueueSourceArn", None)
    return moved
