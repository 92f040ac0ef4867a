"""MiniStack 1.5.33 loses messages when two threads touch a queue at once; here they take turns.

Deleting, expiring and dead-lettering build a new list of messages and put it in the place of the old one, while
another thread (a mapping's poller, SNS, S3, a rule) may just have appended to the old one. Its own lock guards
only the pollers.
"""

import asyncio
import functools
from collections.abc import Callable
from threading import RLock
from typing import Any

from ministack.services import eventbridge, s3, sns, sqs  # type: ignore[import-untyped]  # MiniStack ships no types

_turn = RLock()


def install() -> None:
    """After everything else that adds to SQS's table of operations."""
    sqs._queues_lock = _turn  # noqa: SLF001 (no public hook; so below)
    sqs._dlq_sweep = _in_turn(sqs._dlq_sweep)  # noqa: SLF001
    sqs._expire_retained = _in_turn(sqs._expire_retained)  # noqa: SLF001
    s3._deliver_event_to_sqs = _in_turn(s3._deliver_event_to_sqs)  # noqa: SLF001
    sns._deliver_to_sqs = _in_turn(sns._deliver_to_sqs)  # noqa: SLF001
    eventbridge._dispatch_to_sqs = _in_turn(eventbridge._dispatch_to_sqs)  # noqa: SLF001
    operations: dict[str, Callable[..., Any]] = sqs._HANDLERS  # noqa: SLF001
    for name, operation in operations.items():
        # ReceiveMessage waits; what it changes it changes through the two functions above.
        if not asyncio.iscoroutinefunction(operation):
            operations[name] = _in_turn(operation)


def _in_turn(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def guarded(*arguments: Any, **named: Any) -> Any:
        with _turn:
            return function(*arguments, **named)

    return guarded
