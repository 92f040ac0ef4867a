"""Put dead letters back to work."""

from __future__ import annotations

import click

from cli.deployment import Deployment, NotFound, deployed
from cli.output import as_json, console, line, print_json, show
from cli.queues import attributes, move


@click.command()
@click.argument("queue")
@as_json
@deployed
def redrive(deployment: Deployment, queue: str, *, as_json: bool) -> None:
    """Put a queue's dead letters back into the queue.

    QUEUE is a name as `mailroom status` shows it, such as `inbound`. Do it when the cause is gone: what fails again
    comes back with its new reason.
    """
    from rich.progress import track

    urls, dead = deployment.outputs("Queue"), deployment.outputs("DeadLetters")
    if queue not in urls:
        raise NotFound(f"There is no queue {line(queue)}; the queues are {', '.join(urls)}.")
    sqs = deployment.client("sqs")
    count = int(attributes(sqs, dead[queue])["ApproximateNumberOfMessages"])
    screen = console(stderr=True)
    moving = track(
        move(sqs, dead[queue], urls[queue], count),
        description=f"to {queue}",
        total=count,
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )
    moved = sum(1 for _ in moving)
    if as_json:
        return print_json({"queue": queue, "moved": moved, "dead": count - moved})
    left = f"; {count - moved} are still there, taken by somebody else at the moment" if moved < count else ""
    return show(f"{moved} dead {'letter' if moved == 1 else 'letters'} put back into {queue}{left}.")
