"""What a day costs, as expressions over the metrics that count it: by US list prices of 2026, in dollars.

Not in it is what no metric of AWS counts by stage, or what is small: events of the bus, SNS, Firehose, S3's requests,
storage, alarms and secrets. SES's price is that à la carte; which plan an account has, no metric tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch

from infra.metrics import DAY, SUM, of_ses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aws_cdk import aws_dynamodb as dynamodb

    from infra.function import Function
    from infra.queued_function import QueuedFunction

MAIL_SENT = 0.10e-3
MAIL_RECEIVED = 0.19e-3  # with its first chunk of 256 KB
LAMBDA_CALL = 0.20e-6
LAMBDA_GB_MILLISECOND = 0.0000133334e-3  # arm64
TABLE_WRITE, TABLE_READ = 0.625e-6, 0.125e-6
QUEUE_REQUEST = 0.40e-6
LOG_BYTE = 0.50e-9
# Lambda receives and deletes up to ten messages a request, so these count a little more than is billed.
QUEUE_REQUESTS = (
    "NumberOfMessagesSent",
    "NumberOfMessagesReceived",
    "NumberOfMessagesDeleted",
    "NumberOfEmptyReceives",
)


def sent() -> cloudwatch.MathExpression:
    return _priced("SES: mails sent", {"sent": (of_ses("Send", period=DAY), MAIL_SENT)})


def received(rule_set: str) -> cloudwatch.MathExpression:
    metric = of_ses("Received", period=DAY, RuleSetName=rule_set)
    return _priced("SES: mails received", {"received": (metric, MAIL_RECEIVED)})


def functions(watched: Sequence[Function]) -> cloudwatch.MathExpression:
    def counted() -> Iterator[tuple[str, tuple[cloudwatch.Metric, float]]]:
        for number, function in enumerate(watched):
            price = LAMBDA_GB_MILLISECOND * function.memory_size / 1024
            yield f"calls{number}", (function.function.metric("Invocations", statistic=SUM, period=DAY), LAMBDA_CALL)
            yield f"time{number}", (function.function.metric("Duration", statistic=SUM, period=DAY), price)

    return _priced("Lambda", dict(counted()))


def tables(watched: Sequence[dynamodb.ITable]) -> cloudwatch.MathExpression:
    def counted() -> Iterator[tuple[str, tuple[cloudwatch.Metric, float]]]:
        for number, table in enumerate(watched):
            for name, price in (("Write", TABLE_WRITE), ("Read", TABLE_READ)):
                metric = table.metric(f"Consumed{name}CapacityUnits", statistic=SUM, period=DAY)
                yield f"{name.lower()}{number}", (metric, price)

    return _priced("DynamoDB", dict(counted()))


def queues(watched: Sequence[QueuedFunction]) -> cloudwatch.MathExpression:
    return _priced(
        "SQS",
        {
            f"requests{number}x{kind}": (function.queue.metric(name, statistic=SUM, period=DAY), QUEUE_REQUEST)
            for number, function in enumerate(watched)
            for kind, name in enumerate(QUEUE_REQUESTS)
        },
    )


def logs(watched: Sequence[Function]) -> cloudwatch.MathExpression:
    return _priced(
        "CloudWatch: logs",
        {
            f"log{number}": (
                cloudwatch.Metric(
                    namespace="AWS/Logs",
                    metric_name="IncomingBytes",
                    dimensions_map={"LogGroupName": function.log.log_group_name},
                    statistic=SUM,
                    period=DAY,
                ),
                LOG_BYTE,
            )
            for number, function in enumerate(watched)
        },
    )


def _priced(label: str, counted: Mapping[str, tuple[cloudwatch.Metric, float]]) -> cloudwatch.MathExpression:
    """SUM takes what has a value; a plain + would have none for a day without one of its terms."""
    by_price: dict[float, dict[str, cloudwatch.Metric]] = {}
    for name, (metric, price) in counted.items():
        by_price.setdefault(price, {})[name] = metric
    terms = {
        f"term{number}{next(iter(metrics))}": cloudwatch.MathExpression(
            expression=f"{price:.16f}".rstrip("0") + f" * SUM([{', '.join(metrics)}])",
            using_metrics=metrics,
            label=label,
            period=DAY,
        )
        for number, (price, metrics) in enumerate(by_price.items())
    }
    if len(terms) == 1:
        return next(iter(terms.values()))
    return cloudwatch.MathExpression(
        expression=f"SUM([{', '.join(terms)}])", using_metrics=terms, label=label, period=DAY
    )
