"""How a stage is doing."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cli.deployment import Deployment, deployed
from cli.functions import Function, functions
from cli.output import as_json, cell, line, moment, print_json, show, table
from cli.queues import Queue, queues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType


@click.command()
@as_json
@deployed
def status(deployment: Deployment, *, as_json: bool) -> None:
    """Show stacks, queues with dead letters, and errors.

    Of every queue how many messages wait, are being handled, are delayed, and are dead, and of dead letters why.
    Errors are the functions' of the last 24 hours.
    """
    waiting, called = queues(deployment), functions(deployment)
    if as_json:
        return print_json(
            {
                "stage": deployment.stage,
                "account": deployment.account,
                "region": deployment.region,
                "endpoint": deployment.running.endpoint if deployment.running else None,
                "stacks": [{"name": stack.name, "status": stack.status, "at": stack.at} for stack in deployment.stacks],
                "queues": [asdict(queue) for queue in waiting],
                "functions": [asdict(function) for function in called],
            }
        )
    return show(*page(deployment, waiting, called))


def page(deployment: Deployment, waiting: list[Queue], called: list[Function]) -> Iterator[RenderableType]:
    where = f"this laptop ({deployment.running.endpoint})" if deployment.running else f"account {deployment.account}"
    yield cell(f"Stage {deployment.stage} on {where}, {deployment.region}\n")
    stacks = [(stack.name, stack.status, moment(stack.at)) for stack in deployment.stacks]
    yield table(("stack", "state", "since (UTC)"), stacks)
    yield ""
    figures = [
        (queue.name, *map(str, (queue.waiting, queue.in_flight, queue.delayed, queue.dead))) for queue in waiting
    ]
    yield table(("queue", "waiting", "in flight", "delayed", "dead"), figures)
    yield from dead_letters([queue for queue in waiting if queue.dead])
    yield ""
    yield table(("function", "errors in 24 hours"), [(function.name, str(function.errors)) for function in called])
    logs = dict.fromkeys(function.log for function in called if function.errors)
    yield from (cell(f"What went wrong is in the log {log}") for log in logs)


def dead_letters(dead: list[Queue]) -> Iterator[RenderableType]:
    if not dead:
        return
    rows = [(queue.name, moment(letter.at), line(letter.reason)) for queue in dead for letter in queue.dead_letters]
    yield ""
    yield table(("dead in", "since (UTC)", "reason"), rows, whole=("dead in", "since (UTC)"))
    for queue in dead:
        more = queue.dead - len(queue.dead_letters)
        yield cell(
            f"{f'{more} more in {queue.name}; ' if more > 0 else ''}`mailroom redrive {queue.name}` puts them back"
        )
