"""Is every mail sent exactly once, at what price, and how fast: `make bench-outbox`.

Two days with the embedded AWS. A good one: every request comes once and nothing fails, which shows the rate, and the
requests that a mail costs. A bad one: every request comes twice, 10 % of the SES calls are taken and then broken off,
10 % fail, 20 % are throttled, events come twice, late and in any order, and senders are killed.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import click

from local.deploy import deploy
from local.outside import Outside
from local.server import Running, running
from local.storm import Storm, Verdict, set_up, turn

BAD_DAY: dict[str, Any] = {"accept_and_drop": 0.1, "fail": 0.1, "throttle": 0.2, "hold_events_seconds": 3}
CLAIM_SECONDS, REDELIVERY_SECONDS = 30, 15
PATIENCE_SECONDS = 7200
REQUESTS = {
    "reads": ("DynamoDB.GetItem", range(200, 300)),
    "writes": ("DynamoDB.UpdateItem", range(200, 300)),
    "writes refused by their condition": ("DynamoDB.UpdateItem", range(400, 500)),
    "SES calls": ("/v2/email/outbound-emails", range(200, 600)),
}
PHASES = {"before feedback": "-Send", "by feedback": "-Feedback"}  # by what the functions' roles are called


@click.command()
@click.option("--mails", default=10_000, show_default=True, help="on the bad day")
@click.option("--good", default=1_000, show_default=True, help="mails on the good day")
@click.option("--rate", default=14.0, show_default=True, help="MaxSendRate, in mails a second")
@click.option("--seed", default=1, show_default=True, help="of the bad day")
@click.option("--kill-seconds", default=10.0, show_default=True, help="a sender is killed so often, on average")
def main(mails: int, good: int, rate: float, seed: int, kill_seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder, "mailroom")) as aws:
        deploy(aws)
        outside = Outside(aws, "local")
        set_up(outside, per_second=rate, claim_seconds=CLAIM_SECONDS, redelivery_seconds=REDELIVERY_SECONDS)
        turn(aws, "account", max_rate=rate, max_24_hours=-1)
        fine = day(Storm(outside=outside, name="good", mails=good, times=1, patience=PATIENCE_SECONDS), rate)
        turn(aws, "chaos", seed=seed, **BAD_DAY)
        turn(aws, "events", copies=2)
        bad = Storm(outside=outside, name="bad", mails=mails, seed=seed, kill_seconds=kill_seconds)
        bad.patience = PATIENCE_SECONDS
        fine = day(bad, rate) and fine
    sys.exit(0 if fine else 1)


def day(storm: Storm, rate: float) -> bool:
    """Runs it, and prints what became of it; whether every mail went out once."""
    before = requests(storm.outside.aws)
    verdict = storm.run()
    made = requests(storm.outside.aws)
    made.subtract(before)
    report(storm, verdict, rate, made)
    return not (verdict.lost or verdict.twice or verdict.dead)


def report(storm: Storm, verdict: Verdict, rate: float, made: Counter[tuple[str, str]]) -> None:
    per_second = (storm.mails - 1) / verdict.seconds
    print(f"A {storm.name} day: {storm.mails} mails, each asked for {storm.times} times, seed {storm.seed}")
    print(f"  lost {verdict.lost}, twice {verdict.twice}, dead letters {verdict.dead}; {verdict.statuses}")
    print(f"  {verdict.killed} senders killed; {verdict.tries / storm.mails:.2f} requests taken up a mail")
    print(f"  {per_second:.2f} mails a second, {per_second / rate:.1%} of a MaxSendRate of {rate:g}")
    for phase in PHASES:
        told = [f"{made[phase, name] / storm.mails:.2f} {name}" for name in REQUESTS if made[phase, name]]
        print(f"  {phase}, a mail: {', '.join(told)}", flush=True)


def requests(aws: Running) -> Counter[tuple[str, str]]:
    """How often the functions have asked for what so far."""
    found: Counter[tuple[str, str]] = Counter()
    for one in turn(aws, "requests", "GET")["requests"]:
        for phase, role in PHASES.items():
            for name, (request, statuses) in REQUESTS.items():
                if role in one["caller"] and one["request"] == request and one["status"] in statuses:
                    found[phase, name] += one["count"]
    return found


if __name__ == "__main__":
    main()
