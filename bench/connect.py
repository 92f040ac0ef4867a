"""Does each ticket get to Jira or Zendesk once, with each comment once and in order: `make bench-connect`.

Customers write to two mailboxes, three mails each; agents elsewhere answer some; some events come twice. Of the
requests to Jira, Zendesk and the webhook a share fails, in six ways, and executions of `connect` are killed at random
moments. Of one ticket in a hundred each reply is refused for good. Then nothing fails any more, both systems are asked
once more what is new, and all is compared.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from local.compared import Verdict, compare
from local.correspondence import Correspondence
from local.deploy import deploy
from local.introduce import introduce
from local.outside import Outside
from local.server import Running, running

FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "rest", "retry_after": "2"},
    {"kind": "before"},
    {"kind": "after"},
    {"kind": "drop-before"},
    {"kind": "drop-after"},
    {"kind": "slow", "seconds": 3},
)
# Of an execution, and until the message of one that was killed comes again. An execution writes until 45 seconds before
# its end, and its lease lasts until 30 seconds after it (lambdas/connect/work.py).
SECONDS = 60
CONCURRENCY = 10  # of `connect` (infra/queued_function.py)


@click.command()
@click.option("--tickets", default=300, show_default=True)
@click.option("--seed", default=1, show_default=True, help="of who writes what when, of the kills")
@click.option("--faults", default=0.2, show_default=True, help="the share of requests that fail")
@click.option("--kill-seconds", default=5.0, show_default=True, help="an execution is killed so often, on average")
def main(tickets: int, seed: int, faults: float, kill_seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder, "mailroom")) as aws:
        deploy(aws)
        outside = Outside(aws, "local")
        standins = introduce(outside)
        set_up(outside)
        given = Correspondence(
            outside=outside, standins=standins, tickets=tickets, seed=seed, kill_seconds=kill_seconds
        )
        for there in standins.values():
            there.turn("faults", shared_out(faults))
        began = time.monotonic()
        killed = given.storm()
        seconds = time.monotonic() - began
        given.calm()
        given.poll()
        given.settle()
        verdict = compare(given)
        print(f"{tickets} tickets with two replies each, {given.answers} answers; {seconds:.0f} seconds, seed {seed}")
        print(f"  {killed} executions killed, {at_work(aws, outside)} of them at work")
        report(verdict)
        obeyed = [told(name, there.state, tickets) for name, there in standins.items()]
    sys.exit(1 if verdict.wrong or not all(obeyed) else 0)


def set_up(outside: Outside) -> None:
    function, queue = outside.outputs["ConnectFunction"], outside.outputs["ConnectQueue"]
    outside.client("lambda").update_function_configuration(FunctionName=function, Timeout=SECONDS)
    outside.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": str(SECONDS)})


def shared_out(rate: float) -> list[dict[str, Any]]:
    """All of them for ever, each with the same share of `rate`: what one leaves is there for the next."""
    share = rate / len(FAULTS)
    return [fault | {"times": None, "rate": share / (1 - number * share)} for number, fault in enumerate(FAULTS)]


def at_work(aws: Running, outside: Outside) -> int:
    """Of how many messages the execution ended without an answer."""
    return aws.log.read_text(errors="replace").count(f"ESM: Lambda {outside.outputs['ConnectFunction']} failed")


def report(verdict: Verdict) -> None:
    print(f"  wrong: {dict(verdict.wrong) or 'nothing'}")
    print(f"  refused for good: {dict(verdict.refused) or 'nothing'}")
    print(f"  the webhook was told of {verdict.told} events, of {verdict.again} more than once")


def told(name: str, state: dict[str, Any], tickets: int) -> bool:
    """Prints what a stand-in saw; whether it was left alone while it wanted to be, but for what was under way: no more
    than one request of each other execution."""
    requests, rests = sum(state["requests"].values()), state["rests"]
    most = max(rests, default=0)
    print(f"  {name}: {requests} requests ({requests / tickets:.1f} a ticket), faults {state['faults']}")
    print(f"    {sum(rests)} requests before Retry-After was over, in {len(rests)} times; at most {most} in one")
    return bool(most < CONCURRENCY)


if __name__ == "__main__":
    main()
