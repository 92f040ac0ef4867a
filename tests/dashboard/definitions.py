"""What a synthesised template says: the dashboard's widgets, the metrics in them and in alarms."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tests.infra.conftest import named, without_hash


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One line of a widget, or what an alarm watches: a metric of AWS or ours, or an expression over others' ids."""

    namespace: str = ""
    name: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    expression: str = ""
    id: str = ""
    label: str = ""
    statistic: str = "Average"
    period: int = 300
    visible: bool = True
    axis: str = "left"


@dataclass(frozen=True, kw_only=True)
class Widget:
    kind: str
    x: int
    y: int
    width: int
    height: int
    properties: dict = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()

    @property
    def title(self):
        return self.properties.get("title", "")

    @property
    def lines(self):
        """The horizontal annotations."""
        return self.properties.get("annotations", {}).get("horizontal", [])


def dashboard(template):
    """The widgets of the template's one dashboard."""
    [made] = [item for item in template["Resources"].values() if item["Type"] == "AWS::CloudWatch::Dashboard"]
    return [
        Widget(
            kind=widget["type"],
            **{name: widget[name] for name in ("x", "y", "width", "height")},
            properties=widget["properties"],
            metrics=tuple(map(in_widget, widget["properties"].get("metrics", []))),
        )
        for widget in json.loads(named(made["Properties"]["DashboardBody"]))["widgets"]
    ]


def in_widget(row):
    """CloudWatch API reference, "Dashboard body structure", the metrics array: names first, options last."""
    *names, options = row if isinstance(row[-1], dict) else [*row, {}]
    namespace, name, *pairs = names or ("", "")
    return Metric(
        namespace=namespace,
        name=name,
        dimensions=tuple(zip(pairs[::2], pairs[1::2], strict=True)),
        expression=options.get("expression", ""),
        id=options.get("id", ""),
        label=options.get("label") or name,
        statistic=options.get("stat", "Average"),
        period=options.get("period", 300),
        visible=options.get("visible", True),
        axis=options.get("yAxis", "left"),
    )


def alarms(template):
    """Each alarm's properties and metric, by its id."""
    found = {}
    for name, item in template["Resources"].items():
        if item["Type"] == "AWS::CloudWatch::Alarm":
            properties = item["Properties"]
            pairs = [(part["Name"], named(part["Value"])) for part in properties.get("Dimensions", [])]
            metric = Metric(
                namespace=properties["Namespace"],
                name=properties["MetricName"],
                dimensions=tuple(pairs),
                statistic=properties["Statistic"],
                period=properties["Period"],
            )
            found[without_hash(name).removeprefix("Alarms")] = (properties, metric)
    return found
