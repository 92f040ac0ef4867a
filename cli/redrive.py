"""Put dead letters back to work."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from cli.deployment import AwsFailed, Deployment, NotFound, deployed
from cli.output import as_json, console, line, print_json, show
from cli.queues import attributes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import ListMessageMoveTasksResultEntryTypeDef as Task

SECONDS_BETWEEN_LOOKS = 0.5
UNFINISHED = ("RUNNING", "CANCELLING")


@click.command()
@click.argument("queue")
@as_json
@deployed
def redrive(deployment: Deployment, queue: str, *, as_json: bool) -> None:
    """Put a queue's dead letters back into the queue.

    QUEUE is a name as `mailroom status` shows it, such as `inbound`. Do it when the cause is gone: what fails again
    comes back with its new reason.
    """
    urls, dead_letters = deployment.outputs("Queue"), deployment.outputs("DeadLetters")
    if queue not in urls:
        raise NotFound(f"There is no queue {line(queue)}; the queues are {', '.join(urls)}.")
    sqs = deployment.client("sqs")
    destination, source = attributes(sqs, urls[queue]), attributes(sqs, dead_letters[queue])
    dead = int(source["ApproximateNumberOfMessages"])
    moved = watch(move(sqs, source["QueueArn"], destination["QueueArn"]), queue, dead) if dead else 0
    if as_json:
        return print_json({"queue": queue, "moved": moved})
    return show(f"{moved} dead {'letter' if moved == 1 else 'letters'} put back into {queue}.")


def watch(tasks: Iterator[Task], queue: str, dead: int) -> int:
    """Follow a task to its end, with progress in a terminal; gives how many messages it moved."""
    from rich.progress import Progress

    screen = console(stderr=True)
    moved = 0
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        bar = progress.add_task(f"to {queue}", total=dead)
        for task in tasks:
            moved = task.get("ApproximateNumberOfMessagesMoved", 0)
            progress.update(bar, completed=moved)
    if task["Status"] != "COMPLETED":
        reason = f"{task['Status'].lower()} {task.get('FailureReason', '')}".strip()
        raise AwsFailed(f"SQS stopped after {moved} of {dead} dead letters ({reason}): see `mailroom status`.")
    return moved


def move(sqs: SQSClient, source: str, destination: str) -> Iterator[Task]:
    """Have SQS move a dead-letter queue's messages; gives the task as it goes on, the last time when it has ended.

    The destination is named: SQS knows where a message came from only if it moved the message itself.
    """
    before = newest(sqs, source)
    sqs.start_message_move_task(SourceArn=source, DestinationArn=destination)
    while True:
        task = newest(sqs, source)
        if task and task != before:
            yield task
            if task["Status"] not in UNFINISHED:
                return
        time.sleep(SECONDS_BETWEEN_LOOKS)


def newest(sqs: SQSClient, source: str) -> Task | None:
    tasks = sqs.list_message_move_tasks(SourceArn=source, MaxResults=1)["Results"]
    return tasks[0] if tasks else None
