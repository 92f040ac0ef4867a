"""What a million mails cost, and how much of that is feedback: `make bench-cost`.

The settings are those of a stage's templates; the requests, bytes and processor time are measured (bench/cost_month.py)
and the prices are in bench/cost_prices.py. What is not known of AWS's billing is taken as the dearer. SES's own price
is for the mails alone, without what is attached.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import cost_prices as prices
from bench.cost_month import measured
from bench.cost_stage import Stage, Templates, Worker

if TYPE_CHECKING:
    from bench.cost_month import Measured, Use

MILLION = 1_000_000
DAY_MINUTES = 24 * 60
MONTH_MINUTES = 30 * DAY_MINUTES
AIM = 0.03
# Assumed, not measured here.
REQUEST_SECONDS = 0.005  # that a request to DynamoDB or the bus takes from Lambda
SEND_SECONDS = 0.2  # that a mail takes, with the call of SES
CALL_SECONDS = 0.002  # of Lambda's own in each call
VCPU_MEMORY = 1769  # MB at which Lambda gives a whole processor (developer guide, "Configure Lambda function memory")
POLLERS = 5  # that Lambda asks a queue with, at least (developer guide, "Using Lambda with Amazon SQS")
POLL_SECONDS = 20
CALL_LOG_BYTES = 1000
# As bench/dynamodb.py calls them.
BUS, STREAM, IN_ONE = "events of the bus", "stream reads", "writes in transactions"


@dataclass(frozen=True, kw_only=True)
class Bill:
    """Dollars for a million mails in a month, by part."""

    sending: dict[str, float]
    feedback: dict[str, float]

    @property
    def of_feedback(self) -> float:
        return sum(self.feedback.values())


@click.command()
@click.option("--stage", "name", default="example", show_default=True, help="of cdk.json")
@click.option("--mails", default=2500, show_default=True, help="that are measured")
@click.option("--seed", default=1, show_default=True)
@click.option("--templates", type=click.Path(exists=True, file_okay=False, path_type=Path), help="already synthesised")
def main(name: str, mails: int, seed: int, templates: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = Templates(templates or synthesised(name, folder))
    stage = found.stage(name)
    month = measured(stage, found, mails, MILLION / MONTH_MINUTES, seed)
    day = measured(stage, found, mails, MILLION / DAY_MINUTES, seed)
    bills = [bill(stage, month, MONTH_MINUTES), bill(stage, day, DAY_MINUTES)]
    settings(stage, month)
    report(bills)
    without = stage.without("Send")
    silent = measured(without, found, mails, MILLION / MONTH_MINUTES, seed)
    by_topics = replace(stage, filed=set())
    told = measured(by_topics, found, mails, MILLION / MONTH_MINUTES, seed)
    print("\n  What feedback would cost, over 30 days:")
    line("with no Send events", [bill(without, silent, MONTH_MINUTES).of_feedback])
    line("with no event in a file", [bill(by_topics, told, MONTH_MINUTES).of_feedback])
    unsure()


def bill(stage: Stage, found: Measured, minutes: int) -> Bill:
    """Of a month in which the million mails go out within so many minutes."""
    scale = MILLION / found.mails
    hears = (found.alone + found.files) * scale
    return Bill(
        sending={
            "EventBridge: the requests": MILLION * prices.BUS_EVENT.each,
            "SQS": queue(MILLION, MILLION),
            "Lambda": function(stage.send, MILLION, MILLION * SEND_SECONDS),
            "Lambda's logs": logs(stage.send, MILLION),
            "DynamoDB": table(found.sending, scale),
            "DynamoDB: a month of storage": found.bytes_sent * scale / prices.GB * prices.TABLE_GB_MONTH.each,
        },
        feedback={
            "SNS": found.alone * scale * prices.SNS_PUBLISH.each,
            "Firehose": found.steps * scale * prices.FIREHOSE_STEP.each,
            "S3": files(stage, found, scale),
            "SQS": queue(hears, hears),
            "Lambda": function(stage.feedback, hears, seconds(stage.feedback, found.feedback, scale)),
            "Lambda's logs": logs(stage.feedback, hears),
            "DynamoDB": table(found.feedback, scale),
            "DynamoDB: a month of storage": found.bytes_said * scale / prices.GB * prices.TABLE_GB_MONTH.each,
            "EventBridge: what is told": found.feedback.requests[BUS] * scale * prices.BUS_EVENT.each,
            **counting(stage, found, minutes),
        },
    )


def counting(stage: Stage, found: Measured, minutes: int) -> dict[str, float]:
    """What counts costs: while mails go out, and for the rest of the month."""
    scale = MILLION / found.mails
    runs, idle = MONTH_MINUTES / stage.count_minutes, (MONTH_MINUTES - minutes) / stage.count_minutes
    took = seconds(stage.counts, found.counts, scale) + seconds(stage.counts, found.idle_count, idle)
    reads = found.counts.requests[STREAM] * scale + found.idle_count.requests[STREAM] * idle
    return {
        "counts: DynamoDB": table(found.counts, scale) + table(found.idle_count, idle),
        "counts: reading the stream": reads * prices.STREAM_READ.each,
        "counts: SQS": queue(runs, runs),
        "counts: Lambda": function(stage.counts, runs, took),
        "counts: Lambda's logs": logs(stage.counts, runs),
    }


def files(stage: Stage, found: Measured, scale: float) -> float:
    """Each is written and read once, and then kept for some days."""
    months = stage.file_days * DAY_MINUTES / MONTH_MINUTES
    kept = found.bytes_filed * scale / prices.GB * months * prices.FILE_GB_MONTH.each
    return found.files * scale * (prices.FILE_WRITE.each + prices.FILE_READ.each) + kept


def queue(messages: float, batches: float) -> float:
    """Each message is sent and received, each batch, of ten at most, deleted; and Lambda asks for more all month."""
    polls = POLLERS * MONTH_MINUTES * 60 / POLL_SECONDS
    return (2 * messages + batches + polls) * prices.SQS_REQUEST.each


def seconds(worker: Worker, use: Use, scale: float) -> float:
    asked = sum(number for request, number in use.requests.items() if request != IN_ONE)
    return scale * (use.seconds * VCPU_MEMORY / worker.memory + asked * REQUEST_SECONDS)


def function(worker: Worker, calls: float, seconds: float) -> float:
    gigabyte_seconds = (seconds + calls * CALL_SECONDS) * worker.memory / 1024
    return calls * prices.LAMBDA_CALL.each + gigabyte_seconds * prices.LAMBDA_GB_SECOND.each


def logs(worker: Worker, calls: float) -> float:
    return calls * CALL_LOG_BYTES / prices.GB * prices.LOG_GB.each if worker.logs else 0.0


def table(use: Use, scale: float) -> float:
    return scale * (use.writes * prices.TABLE_WRITE.each + use.reads * prices.TABLE_READ.each)


def settings(stage: Stage, found: Measured) -> None:
    said = ", ".join(f"{number / found.mails:.3f} {kind}" for kind, number in found.events.most_common())
    asked = ", ".join(f"{number / found.mails:.3f} {what}" for what, number in sorted(found.feedback.requests.items()))
    worker = stage.feedback
    print(f"A million mails in a month, by the templates of the stage {stage.name}; {found.mails} mails measured")
    print(f"  feedback: {worker.memory} MB; announced: {stage.announce}; counts every {stage.count_minutes} min")
    print(f"  in files of {stage.file_seconds} s: {', '.join(sorted(stage.filed))}", end="; ")
    print(f"{found.files / found.mails:.3f} files and {found.bytes_filed / found.mails:.0f} bytes a mail")
    print(f"  a mail: {sum(found.events.values()) / found.mails:.2f} events ({said})")
    print(f"  a mail, feedback: {asked}; {found.feedback.writes / found.mails:.2f} write units", end=", ")
    print(f"{found.feedback.reads / found.mails:.2f} read units; {found.bytes_said / found.mails:.0f} bytes kept")
    print(f"  a mail, counts: {found.counts.writes / found.mails:.2f} write units\n")


def report(bills: list[Bill]) -> None:
    print(f"  {'dollars a million mails':42}{'over 30 days':>14}{'within a day':>14}")
    for name, price in prices.SES.items():
        line(f"SES, {name}", [MILLION * price.each] * len(bills))
    for title in ("sending", "feedback"):
        for name in getattr(bills[0], title):
            line(f"{title}: {name}", [getattr(bill, title)[name] for bill in bills])
        line(f"{title}, all of it", [sum(getattr(bill, title).values()) for bill in bills])
    for name, price in prices.SES.items():
        shares = "".join(f"{bill.of_feedback / MILLION / price.each:>14.1%}" for bill in bills)
        print(f"  {f'feedback on top of SES, {name}':42}{shares}   (aim: {AIM:.0%} at most)")


def line(name: str, dollars: list[float]) -> None:
    print(f"  {name:42}" + "".join(f"{number:>14.2f}" for number in dollars))


def unsure() -> None:
    print("\n  Not confirmed, and taken as the dearer:")
    for name, price in vars(prices).items():
        if isinstance(price, prices.Price) and not price.sure:
            said = f"${price.dollars} for {price.units:,.0f} ({price.source})"
            print(f"  {name.lower().replace('_', ' ')}, {said}: {price.note}")


def synthesised(stage: str, folder: str) -> Path:
    import aws_cdk as cdk

    from app import mailroom
    from infra.bundle import ROOT, bundle
    from infra.settings import Settings

    context = json.loads((ROOT / "cdk.json").read_bytes())["context"]
    app = cdk.App(context=context, outdir=folder)
    mailroom(app, Settings.choose(stage, context["stages"]), bundle("lambda"))
    app.synth()
    return Path(folder)


if __name__ == "__main__":
    main()
