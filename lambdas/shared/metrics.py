"""Figures for CloudWatch, as lines of a function's own log: no client, no permission, no call.

CloudWatch Logs makes metrics of lines in its embedded metric format (CloudWatch User Guide, "Specification: embedded
metric format"). A metric costs money in the hours in which it has values, so a sign of trouble is published only while
there is trouble.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

NAMESPACE = "Mailroom"
PERCENT, COUNT = "Percent", "Count"


def publish(
    figures: Mapping[str, tuple[float, str]],
    dimensions: Mapping[str, str],
    at: datetime,
    facts: Mapping[str, str | float] | None = None,
) -> None:
    """Write one line: `figures` by their names, each with its unit; `facts` are for who reads the log."""
    sys.stdout.write(embedded(figures, dimensions, at, facts or {}) + "\n")
    sys.stdout.flush()


def embedded(
    figures: Mapping[str, tuple[float, str]],
    dimensions: Mapping[str, str],
    at: datetime,
    facts: Mapping[str, str | float],
) -> str:
    metrics = {
        "Namespace": NAMESPACE,
        "Dimensions": [[*dimensions]],
        "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in figures.items()],
    }
    directive = {"Timestamp": round(at.timestamp() * 1000), "CloudWatchMetrics": [metrics]}
    values = {name: value for name, (value, _) in figures.items()}
    return json.dumps({"_aws": directive, **facts, **dimensions, **values})
