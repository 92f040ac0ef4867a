"""The functions and their errors of the last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lambdas.shared.timestamps import now

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

    from cli.deployment import Deployment

DAY = timedelta(days=1)
TRACEBACK = '"Traceback (most recent call last)"'


@dataclass(frozen=True, kw_only=True)
class Function:
    """`errors` of the last 24 hours: calls that ended in an exception or a timeout."""

    name: str
    errors: int


def functions(deployment: Deployment) -> list[Function]:
    """Every function of the stage. The embedded AWS counts no calls that a queue made, so there the logs are read."""
    names = deployment.outputs("Function")
    if deployment.running:
        errors = {name: logged_errors(deployment, physical) for name, physical in names.items()}
    else:
        errors = counted_errors(deployment.client("cloudwatch"), names)
    return [Function(name=name, errors=errors[name]) for name in names]


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


def logged_errors(deployment: Deployment, physical: str) -> int:
    """Calls whose log holds a traceback. The embedded AWS writes each call's log into a stream of its own."""
    configuration = deployment.client("lambda").get_function_configuration(FunctionName=physical)
    logs: Any = deployment.client("logs")
    try:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=configuration["LoggingConfig"]["LogGroup"],
            startTime=int((now() - DAY).timestamp() * 1000),
            filterPattern=TRACEBACK,
        )
        return len({event["logStreamName"] for page in pages for event in page["events"]})
    except logs.exceptions.ResourceNotFoundException:
        return 0  # never called
