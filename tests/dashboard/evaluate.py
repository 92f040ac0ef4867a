"""What CloudWatch makes of a metric's values: a statistic a period, expressions over metrics, an alarm's state."""

from __future__ import annotations

import ast
import operator
import statistics

SLOT = 300  # seconds; the values of a series are lists of samples, a list a slot
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def percentile(samples, share):
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]


STATISTICS = {
    "Sum": sum,
    "Average": statistics.fmean,
    "Maximum": max,
    "Minimum": min,
    "SampleCount": len,
    **{f"p{share}": lambda samples, share=share: percentile(samples, share) for share in (50, 95, 99)},
}


def aggregated(series, statistic, period):
    """Points by their slot: the statistic of each period in which there are samples."""
    width = max(1, period // SLOT)
    found = {}
    for start in range(0, len(series), width):
        samples = [sample for slot in series[start : start + width] for sample in slot or ()]
        if samples:
            found[start] = STATISTICS[statistic](samples)
    return found


def points(metrics, metric, month):
    """The metric's points; None where nobody publishes such a metric. `metrics` are all of its widget."""
    if metric.expression:
        named = {other.id: other for other in metrics if other.id}
        return computed(
            ast.parse(metric.expression, mode="eval").body, lambda name: points(metrics, named[name], month)
        )
    series = month.series(metric.namespace, metric.name, dict(metric.dimensions))
    return None if series is None else aggregated(series, metric.statistic, metric.period)


def computed(node, look):
    """CloudWatch User Guide, "Using metric math": + - * / of numbers and series, point by point; SUM of an array takes
    the points that there are."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return look(name)
        case ast.BinOp(left=left, op=op, right=right):
            return combined(OPERATORS[type(op)], computed(left, look), computed(right, look))
        case ast.Call(func=ast.Name(id="SUM"), args=[ast.List(elts=parts)]):
            found = {}
            for part in parts:
                for slot, value in (computed(part, look) or {}).items():
                    found[slot] = found.get(slot, 0) + value
            return found
    raise AssertionError(f"no expression of CloudWatch's that is known here: {ast.dump(node)}")


def combined(combine, left, right):
    if left is None or right is None:
        return None
    if isinstance(left, dict) and isinstance(right, dict):
        both = [slot for slot in left if slot in right and (right[slot] or combine is not operator.truediv)]
        return {slot: combine(left[slot], right[slot]) for slot in both}
    if isinstance(left, dict):
        return {slot: combine(value, right) for slot, value in left.items()}
    return (
        {slot: combine(left, value) for slot, value in right.items()}
        if isinstance(right, dict)
        else combine(left, right)
    )


COMPARED = {"GreaterThanOrEqualToThreshold": operator.ge, "LessThanThreshold": operator.lt}


def in_alarm(properties, series):
    """The slots at whose end the alarm is in ALARM (CloudWatch User Guide, "Evaluating an alarm", missing data)."""
    width, periods = max(1, properties["Period"] // SLOT), properties["EvaluationPeriods"]
    needed, missing = properties.get("DatapointsToAlarm", periods), properties["TreatMissingData"]
    breaches, slots, alarmed = [], set(), False
    for end in range(len(series)):
        samples = [sample for slot in series[max(0, end + 1 - width) : end + 1] for sample in slot or ()]
        breaches.append(breach(properties, samples, missing))
        looked_at = [breaches[end - width * back] for back in range(periods) if end >= width * back]
        if missing != "ignore" or None not in looked_at:
            alarmed = sum(map(bool, looked_at)) >= needed
        if alarmed:
            slots.add(end)
    return slots


def breach(properties, samples, missing):
    if not samples:
        return None if missing == "ignore" else missing == "breaching"
    value = STATISTICS[properties["Statistic"]](samples)
    return COMPARED[properties["ComparisonOperator"]](value, properties["Threshold"])
