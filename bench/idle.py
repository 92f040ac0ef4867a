"""What a month costs in which nothing happens, by a stage's templates: `make bench-idle`.

Not in it are what runs on a schedule and what is stored, cents each. No free tier is used.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

import click

from bench.cost import MONTH_MINUTES, POLL_SECONDS, POLLERS, synthesised
from bench.cost_prices import SQS_REQUEST
from cli.output import show, table

RECEIVES = POLLERS * MONTH_MINUTES * 60 / POLL_SECONDS
# Dollars a month, by type of resource: all but SQS's from memory.
EACH = {
    "AWS::CloudWatch::Alarm": ("alarms", 0.10),
    "AWS::CloudWatch::Dashboard": ("dashboard", 3.0),
    "AWS::SecretsManager::Secret": ("secrets", 0.40),
    "AWS::KMS::Key": ("keys", 1.0),
    "AWS::Lambda::EventSourceMapping": (f"queues that Lambda asks {RECEIVES:,.0f} times", RECEIVES * SQS_REQUEST.each),
    "metric": ("metrics of our own that always have a value", 0.30),
}
ALWAYS = {"AccountFunction": "QuotaUsed", "Paused": "Paused"}  # what publishes it, by its logical id


@click.command()
@click.option("--stage", default="example", show_default=True, help="of cdk.json")
def main(stage: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = counted(synthesised(stage, folder))
    costs = [(name, found[kind], found[kind] * dollars) for kind, (name, dollars) in EACH.items() if found[kind]]
    rows = [(name, f"{number}", f"${dollars:.2f}") for name, number, dollars in costs]
    total = sum(dollars for _, _, dollars in costs)
    show(table((f"stage {stage}, a month of nothing", "", "dollars"), [*rows, ("in all", "", f"${total:.2f}")]))


def counted(assembly: Path) -> Counter[str]:
    """How many there are of each type, and of metrics."""
    found: Counter[str] = Counter()
    for path in assembly.glob("*.template.json"):
        for name, resource in json.loads(path.read_bytes())["Resources"].items():
            found[resource["Type"]] += 1
            found["metric"] += name[:-8] in ALWAYS
    return found


if __name__ == "__main__":
    main()
