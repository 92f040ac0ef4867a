"""The metrics that alarms and the dashboard look at, and what is too much of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from lambdas.shared.metrics import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Mapping

SUM, MAXIMUM, AVERAGE, SAMPLES = "Sum", "Maximum", "Average", "SampleCount"
MINUTE, FIVE_MINUTES, QUARTER = Duration.minutes(1), Duration.minutes(5), Duration.minutes(15)
HOUR, DAY = Duration.hours(1), Duration.days(1)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Percentages of mails sent. AWS reviews an account, and pauses it (developer guide, reputation-dashboard-dg). Our
    own alarm on the account's rate comes before; on each stream's rate the guard's lines come earlier still."""

    paused: float
    reviewed: float
    alarmed: float


BOUNCES = Limits(paused=10, reviewed=5, alarmed=4)
COMPLAINTS = Limits(paused=0.5, reviewed=0.1, alarmed=0.08)
# How old the oldest message of a queue may get. Mails wait for SES's rate: so many a second, however many they are.
SECONDS, SECONDS_TO_SEND = 15 * 60, 60 * 60
QUOTA_USED = 80  # percent of what may be sent in 24 hours


def of_ses(name: str, statistic: str = SUM, *, period: Duration = HOUR, **more: str) -> cloudwatch.Metric:
    """A metric of the account's SES in the region; `label` and dimensions are in `more`."""
    return _metric("AWS/SES", name, statistic, period, more)


def of_set(name: str, configuration_set: str, *, label: str) -> cloudwatch.Metric:
    """A reputation metric of one configuration set."""
    return _metric("AWS/SES", name, AVERAGE, HOUR, {"label": label, "ses:configuration-set": configuration_set})


def ours(name: str, statistic: str = MAXIMUM, *, period: Duration = QUARTER, **more: str) -> cloudwatch.Metric:
    """What our functions publish: `account` of the dimension Stage, `guard` of Stage and Stream."""
    return _metric(NAMESPACE, name, statistic, period, more)


def percent(fraction: cloudwatch.Metric, label: str) -> cloudwatch.MathExpression:
    """SES has its rates as fractions. An id holds for a whole widget."""
    id_ = "".join(filter(str.isalnum, label.lower()))
    return cloudwatch.MathExpression(expression=f"100 * {id_}", using_metrics={id_: fraction}, label=label, period=HOUR)


def _metric(namespace: str, name: str, statistic: str, period: Duration, more: Mapping[str, str]) -> cloudwatch.Metric:
    dimensions = {key: value for key, value in more.items() if key != "label"}
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions or None,
        statistic=statistic,
        period=period,
        label=more.get("label"),
    )
