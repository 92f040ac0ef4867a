"""How long a person waits for a one-time code: from POST /codes to the call of SES, and to the answer.

On the embedded AWS, one code after the other, once the function is warm. The time of SES's call is in the name that the
mail has in the outbox; both clocks are this machine's.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

import click

from cli.api import call
from cli.deployment import Deployment, Stack
from cli.output import show, table
from local.deploy import deploy
from local.outside import Outside, until
from local.server import running

COLD = 3  # the first calls, which are left out


@click.command()
@click.option("--codes", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many to ask for.")
def main(codes: int) -> None:
    """Measure, and print medians and 95th percentiles."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as aws:
        deploy(aws)
        outside = Outside(aws, "local")
        outbound = Stack(name="Outbound", status="", at="", outputs=outside.outputs)
        deployment = Deployment(
            stage="local", session=outside.session, account=aws.account, stacks=(outbound,), running=aws
        )
        waits = [ask(deployment, outside, f"person-{number}@example.org") for number in range(codes + COLD)][COLD:]
    to_ses, to_answer = zip(*waits, strict=True)
    rows = [figures("to SES's call", to_ses), figures("to the answer", to_answer)]
    show(table(("milliseconds", "median", "95 of 100 within"), rows))


def ask(deployment: Deployment, outside: Outside, address: str) -> tuple[float, float]:
    """Seconds until SES was called, and until the answer came."""
    begun = time.time()
    answer = call(deployment, "POST", "/codes", {"email": address, "source": address})
    answered = time.time()
    if answer.status != 202:
        raise SystemExit(answer.error)
    [sent] = until(lambda: outside.mail_to(address), f"a code for {address}")
    called = datetime.strptime(sent.path.name.partition("-")[0], "%Y%m%dT%H%M%S.%f%z").timestamp()
    return called - begun, answered - begun


def figures(name: str, seconds: tuple[float, ...]) -> tuple[str, str, str]:
    ordered = sorted(seconds)
    slow = ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
    return (name, f"{statistics.median(ordered) * 1000:.0f}", f"{slow * 1000:.0f}")


if __name__ == "__main__":
    main()
