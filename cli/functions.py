"""The functions and their errors of the last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lambdas.shared.timestamps import now

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_cloudwatch.client import CloudWatchClient

    from cli.deployment import Deployment

DAY = timedelta(days=1)
TRACEBACK = '"Traceback (most recent call last)"'


@dataclass(frozen=True, kw_only=True)
class Function:
    """`errors` are calls that ended in an exception or a timeout; `log` says where to read about them."""

    name: str
    errors: int
    log: str


def functions(deployment: Deployment) -> list[Function]:
    names = deployment.outputs("Function")
    if running := deployment.running:
        return [
            Function(name=name, errors=errors_here(deployment, running.log, name, physical), log=str(running.log))
            for name, physical in names.items()
        ]
    counted = counted_errors(deployment.client("cloudwatch"), names)
    return [
        Function(name=name, errors=counted[name], log=log_group(deployment, physical))
        for name, physical in names.items()
    ]


def counted_errors(cloudwatch: CloudWatchClient, names: dict[str, str]) -> dict[str, int]:
    """The sum of AWS/Lambda Errors by function name (Lambda Developer Guide, monitoring-metrics-types)."""
    end = now()
    answer = cloudwatch.get_metric_data(
        StartTime=end - DAY,
        EndTime=end,
        MetricDataQueries=[
            {
                "Id": f"f{index}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/Lambda",
                        "MetricName": "Errors",
                        "Dimensions": [{"Name": "FunctionName", "Value": physical}],
                    },
                    "Period": 3600,
                    "Stat": "Sum",
                },
            }
            for index, physical in enumerate(names.values())
        ],
    )
    sums = {result["Id"]: round(sum(result["Values"])) for result in answer["MetricDataResults"]}
    return {name: sums.get(f"f{index}", 0) for index, name in enumerate(names)}


def errors_here(deployment: Deployment, log: Path, name: str, physical: str) -> int:
    """The same on the laptop, since the system was started.

    The embedded AWS counts no calls that a queue or the HTTP API made in its metrics, so its own log is read. That
    has the failed calls of queues; of other functions it has those that did not start, their own log the rest.
    """
    if name in deployment.outputs("Queue"):
        return lines_with(log, f"ESM: Lambda {physical} failed processing")
    return lines_with(log, f"execution error for {physical}:") + logged_tracebacks(deployment, physical)


def lines_with(log: Path, text: str) -> int:
    with log.open(encoding="utf-8", errors="replace") as rows:
        return sum(text in row for row in rows)


def logged_tracebacks(deployment: Deployment, physical: str) -> int:
    """Calls whose log holds a traceback. The embedded AWS writes each call's log into a stream of its own."""
    logs: Any = deployment.client("logs")
    try:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=log_group(deployment, physical), filterPattern=TRACEBACK
        )
        return len({event["logStreamName"] for page in pages for event in page["events"]})
    except logs.exceptions.ResourceNotFoundException:
        return 0  # never called


def log_group(deployment: Deployment, physical: str) -> str:
    configuration = deployment.client("lambda").get_function_configuration(FunctionName=physical)
    return str(configuration["LoggingConfig"]["LogGroup"])
