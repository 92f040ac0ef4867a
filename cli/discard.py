"""Throw dead letters away."""

from __future__ import annotations

import click

from cli.deployment import Deployment, NotFound, deployed
from cli.output import as_json, line, print_json, show
from cli.queues import attributes


@click.command()
@click.argument("queue")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@as_json
@deployed
def discard(deployment: Deployment, queue: str, *, yes: bool, as_json: bool) -> None:
    """Throw a queue's dead letters away.

    QUEUE is a name as `mailroom status` shows it, such as `inbound`. The mails themselves stay in the bucket. SQS takes
    up to a minute for it, and what dies meanwhile goes along.
    """
    dead_letters = deployment.outputs("DeadLetters")
    if queue not in dead_letters:
        raise NotFound(f"There is no queue {line(queue)}; the queues are {', '.join(dead_letters)}.")
    sqs = deployment.client("sqs")
    dead = int(attributes(sqs, dead_letters[queue])["ApproximateNumberOfMessages"])
    if dead and not yes:
        click.confirm(f"Throw {dead} dead letters of {queue} away for good?", abort=True, err=True)
    if dead:
        sqs.purge_queue(QueueUrl=dead_letters[queue])
    if as_json:
        return print_json({"queue": queue, "discarded": dead})
    return show(f"{dead} dead {'letter' if dead == 1 else 'letters'} of {queue} thrown away.")
