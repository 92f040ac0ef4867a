"""CloudWatch makes metrics of log lines in the embedded metric format (CloudWatch User Guide, "Specification: embedded
metric format"); MiniStack 1.5.33 only keeps the lines. Here those of functions become metrics too, and alarms look."""

import functools
import json
from typing import Any

from ministack.services import cloudwatch, lambda_svc  # type: ignore[import-untyped]  # MiniStack ships no types


def install() -> None:
    emit = lambda_svc._emit_lambda_logs  # noqa: SLF001 (no public hook)

    @functools.wraps(emit)
    def emitted(function: Any, request_id: str, log_text: str, *arguments: Any, **named: Any) -> None:
        emit(function, request_id, log_text, *arguments, **named)
        lines = [line for line in (log_text or "").splitlines() if line.startswith('{"_aws"')]
        for line in lines:
            record(json.loads(line))
        if lines:
            cloudwatch._evaluate_all_alarms()  # noqa: SLF001 (as above)

    lambda_svc._emit_lambda_logs = emitted  # noqa: SLF001


def record(line: dict[str, Any]) -> None:
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = {name: str(line[name]) for name in names}
            for metric in directive["Metrics"]:
                value = float(line[metric["Name"]])
                unit = metric.get("Unit", "None")
                cloudwatch.record_metric(directive["Namespace"], metric["Name"], value, unit, dimensions)
