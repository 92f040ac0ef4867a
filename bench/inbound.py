"""Does every mail that comes in get one outcome, at what price, and how fast: `make bench-inbound`.

Mails are delivered through SMTP in a random order, each tenth twice, and executions of `inbound` are killed at random
moments. `--mails` takes any folder of mails.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

import click

from local.deploy import deploy
from local.outside import Outside
from local.post_bag import PostBag, Verdict, mails_in
from local.server import Running, running
from local.storm import turn

OURS = Path(__file__).parent.parent / "tests" / "mail"
READS = ("DynamoDB.GetItem", "DynamoDB.Query")
WRITES = ("DynamoDB.PutItem", "DynamoDB.UpdateItem", "DynamoDB.TransactWriteItems")
REDELIVERY_SECONDS = 15


@click.command()
@click.option("--mails", type=click.Path(exists=True, file_okay=False, path_type=Path), default=OURS)
@click.option("--count", default=500, show_default=True, help="of them, at most")
@click.option("--seed", default=1, show_default=True, help="of the order, and of the kills")
@click.option("--kill-seconds", default=5.0, show_default=True, help="an execution is killed so often, on average")
def main(mails: Path, count: int, seed: int, kill_seconds: float) -> None:
    found = mails_in(mails)
    chosen = sorted(Random(seed).sample(found, min(count, len(found))))
    with tempfile.TemporaryDirectory() as folder, running(Path(folder, "mailroom")) as aws:
        deploy(aws)
        outside = Outside(aws, "local")
        attributes = {"VisibilityTimeout": str(REDELIVERY_SECONDS)}
        outside.client("sqs").set_queue_attributes(QueueUrl=outside.outputs["InboundQueue"], Attributes=attributes)
        before = requests(aws)
        verdict = PostBag(outside=outside, mails=chosen, seed=seed, kill_seconds=kill_seconds).run()
        made = requests(aws)
        made.subtract(before)
    report(verdict, made)
    sys.exit(1 if verdict.lost or verdict.twice or verdict.dead else 0)


def report(verdict: Verdict, made: Counter[str]) -> None:
    print(f"{verdict.mails} mails, handed in {verdict.handed_in} times; {verdict.killed} executions killed")
    print(f"  lost {verdict.lost}, twice {verdict.twice}, dead letters {verdict.dead}; {dict(verdict.outcomes)}")
    print(f"  {verdict.handed_in / verdict.seconds:.1f} mails a second; at most {verdict.megabytes:.0f} MB in memory")
    told = [f"{count / verdict.handed_in:.2f} {request}" for request, count in sorted(made.items()) if count]
    print(f"  a mail: {', '.join(told)}", flush=True)


def requests(aws: Running) -> Counter[str]:
    """How often `inbound` has asked DynamoDB for what so far."""
    found: Counter[str] = Counter()
    for one in turn(aws, "requests", "GET")["requests"]:
        if "-Inbound-Inbound" in one["caller"] and one["request"] in (*READS, *WRITES):
            found[one["request"]] += one["count"]
    return found


if __name__ == "__main__":
    main()
