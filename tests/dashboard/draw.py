"""Draws a dashboard as CloudWatch would show it, as far as its definition says how: a page of SVG.

What is wrong in a definition has to be seen: a metric that nobody publishes, or an expression over one, is named in
red; a line that is not defined is not drawn; an axis begins and ends as it is defined.
"""

from __future__ import annotations

import math
from html import escape

from tests.dashboard.evaluate import SLOT, points
from tests.dashboard.month import A_DAY, DAYS, SLOTS

COLUMN, ROW, GAP = 60, 46, 8  # pixels; a dashboard has 24 columns
COLORS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"]
COLORS += ["#aec7e8", "#ffbb78", "#98df8a", "#ff9896", "#c5b0d5", "#c49c94", "#f7b6d2", "#c7c7c7", "#dbdb8d", "#9edae5"]
PEN = "stroke-width='1.6' stroke-linecap='round'"  # a point alone is seen too
FONT = "font-family='Helvetica, Arial, sans-serif'"
STYLE = (
    "body{margin:0;background:#f2f3f3;font:13px Helvetica,Arial,sans-serif;color:#16191f}"
    "div{position:absolute;background:#fff;border:1px solid #d5dbdb;box-sizing:border-box;overflow:hidden}"
    "h1,p{margin:8px 12px}h1{font-size:20px}h2{font-size:13px;margin:8px 12px 2px}svg{display:block}"
    "code{background:#eef0f0;padding:0 3px}table{width:100%;text-align:center}td{font-size:22px}"
    "td small{display:block;font-size:11px;color:#545b64}.red{color:#d13212}"
    "span{display:inline-block;margin:6px 0 0 12px;padding:4px 8px;border:1px solid}"
    ".ALARM{background:#fdf3f1;border-color:#d13212}.OK{background:#f2f8f0;border-color:#1d8102}"
)


def page(widgets, month, firing):
    """HTML of these widgets of a dashboard, and its height in pixels; `firing` are the alarms that are in ALARM at the
    month's end."""
    top = min(widget.y for widget in widgets)
    height = (max(widget.y + widget.height for widget in widgets) - top) * ROW
    shown = "".join(placed(widget, top, DRAWN[widget.kind](widget, month, firing)) for widget in widgets)
    return f"<!doctype html><meta charset='utf-8'><style>{STYLE}</style><body>{shown}", height


def placed(widget, top, content):
    box = {
        "left": widget.x * COLUMN + GAP / 2,
        "top": (widget.y - top) * ROW + GAP / 2,
        "width": widget.width * COLUMN - GAP,
        "height": widget.height * ROW - GAP,
    }
    return f"<div style='{';'.join(f'{name}:{value}px' for name, value in box.items())}'>{content}</div>"


def text(widget, _month, _firing):
    """Headings, paragraphs and `code` of Markdown."""
    rows = []
    for row in widget.properties["markdown"].splitlines():
        parts = [f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(escape(row).split("`"))]
        told = "".join(parts)
        rows.append(f"<h1>{told.removeprefix('# ')}</h1>" if told.startswith("# ") else f"<p>{told}</p>")
    return "".join(rows)


def alarm(widget, _month, firing):
    """A box an alarm: of those that are in the states asked for, or of all."""
    names = [arn.strip("<>").removeprefix("Alarms").removesuffix(".Arn") for arn in widget.properties["alarms"]]
    states = {name: "ALARM" if name in firing else "OK" for name in names}
    asked = widget.properties.get("states", ["ALARM", "OK"])
    boxes = "".join(f"<span class={state}>{name}</span>" for name, state in states.items() if state in asked)
    return f"<h2>{escape(widget.title)}</h2>{boxes or '<p>None.</p>'}"


def metric(widget, month, _firing):
    shown = [(line, points(widget.metrics, line, month)) for line in widget.metrics if line.visible]
    return VIEWS[widget.properties["view"]](widget, shown)


def single_value(widget, shown):
    """Of each metric the last period's value."""
    cells = "".join(
        f"<td>{figure(found[max(found)]) if found else '<b class=red>no data</b>'}<small>{escape(line.label)}</small>"
        for line, found in shown
    )
    return f"<h2>{escape(widget.title)}</h2><table><tr>{cells}</table>"


def time_series(widget, shown):
    return Graph(widget, shown).drawn()


class Graph:
    def __init__(self, widget, shown):
        self._widget, self._shown = widget, shown
        self._width, self._height = widget.width * COLUMN - GAP - 2, widget.height * ROW - GAP - 32
        legend = [line.label for line, _ in shown]
        self._legend_rows = 1 + sum(len(label) * 6 + 26 for label in legend) // (self._width - 20)
        self._left, self._right, self._top = 46, 14, 16
        if any(line.axis == "right" for line, _ in shown):
            self._right = 36
        self._bottom = 24 + 14 * self._legend_rows

    def drawn(self):
        left = [(line, found) for line, found in self._shown if line.axis == "left"]
        right = [(line, found) for line, found in self._shown if line.axis == "right"]
        stacked = self._widget.properties.get("stacked", False)
        top = self._top_of("left", left, stacked=stacked)
        parts = [self._days(), self._axis("left", top)]
        parts += self._areas(left, top) if stacked else [self._line(line, found, top) for line, found in left]
        parts += [self._annotation(line, top) for line in self._widget.lines]
        if right:
            top = self._top_of("right", right, stacked=False)
            parts += [self._axis("right", top), *(self._line(line, found, top) for line, found in right)]
        parts.append(self._legend())
        size = f"width='{self._width}' height='{self._height}'"
        return f"<h2>{escape(self._widget.title)}</h2><svg {size} {FONT} font-size='11'>{''.join(parts)}</svg>"

    def _color(self, line):
        return COLORS[[shown for shown, _ in self._shown].index(line) % len(COLORS)]

    def _x(self, slot):
        return self._left + slot / SLOTS * (self._width - self._left - self._right)

    def _y(self, value, top):
        height = self._height - self._top - self._bottom
        return self._top + height * (1 - min(max(value / top, -0.02), 1.02))

    def _top_of(self, side, lines, *, stacked):
        """The end of the axis: as it is defined, or above all that is to be seen."""
        if top := self._widget.properties.get("yAxis", {}).get(side, {}).get("max"):
            return top
        highest = [max(found.values()) for _, found in lines if found]
        if stacked:
            highest = [max(map(sum, zip(*(stack_of(found) for _, found in lines), strict=True)), default=0)]
        annotated = [line["value"] for line in self._widget.lines if side == "left"]
        return 1.05 * max([*highest, *annotated], default=0) or 1

    def _days(self):
        """A mark at each fifth day, or tenth where there is little room."""
        y, every = self._height - self._bottom, 5 if self._width > 400 else 10
        marks = [
            f"<text x='{self._x((day - 1) * A_DAY):.0f}' y='{y + 14}' fill='#545b64'>{day} Nov</text>"
            for day in range(1, DAYS, every)
        ]
        return f"<path d='M{self._left} {y}H{self._width - self._right}' stroke='#879596'/>{''.join(marks)}"

    def _axis(self, side, top):
        label = self._widget.properties.get("yAxis", {}).get(side, {}).get("label")
        anchor, x = ("end", self._left - 5) if side == "left" else ("start", self._width - self._right + 5)
        step = nice(top / 3)
        marks = []
        for number in range(int(top / step + 1e-9) + 1):
            y = self._y(number * step, top)
            marks.append(f"<text x='{x}' y='{y + 4:.1f}' text-anchor='{anchor}'>{figure(number * step)}</text>")
            if side == "left":
                marks.append(f"<path d='M{self._left} {y:.1f}H{self._width - self._right}' stroke='#eaeded'/>")
        unit = f"<text x='4' y='10' font-weight='bold'>{escape(label)}</text>" if label else ""
        return f"<g fill='#545b64'>{''.join(marks)}{unit}</g>"

    def _line(self, line, found, top):
        if not found:
            return ""
        width, path = max(1, line.period // SLOT), []
        for slot, joined in thinned(sorted(found), found, width, self._width):
            path.append(f"{'L' if joined else 'M'}{self._x(slot):.1f} {self._y(found[slot], top):.1f}h.1")
        return f"<path d='{''.join(path)}' fill='none' stroke='{self._color(line)}' {PEN}/>"

    def _areas(self, lines, top):
        base, drawn = [0.0] * DAYS, []
        for line, found in lines:
            upper = [low + more for low, more in zip(base, stack_of(found), strict=True)]
            outline = [(day, value) for day, value in enumerate(upper)] + [*reversed([*enumerate(base)])]
            path = " ".join(f"{self._x((day + 0.5) * A_DAY):.1f},{self._y(value, top):.1f}" for day, value in outline)
            color = self._color(line)
            drawn.append(f"<polygon points='{path}' fill='{color}' fill-opacity='.6' stroke='{color}'/>")
            base = upper
        return drawn

    def _annotation(self, line, top):
        if line["value"] > top * 1.02:
            return ""
        y, end = self._y(line["value"], top), self._width - self._right
        dash = f"<path d='M{self._left} {y:.1f}H{end}' stroke='{line['color']}' stroke-dasharray='5 3'/>"
        label = f"<text x='{end - 2}' y='{y - 3:.1f}' text-anchor='end' fill='{line['color']}'>"
        return f"{dash}{label}{escape(line['label'])}</text>"

    def _legend(self):
        x, y, parts = 10, self._height - self._bottom + 32, []
        for line, found in self._shown:
            label = line.label if found is not None else f"{line.label}: no such metric"
            if x + len(label) * 6 + 16 > self._width:
                x, y = 10, y + 14
            color = "fill='#d13212' font-weight='bold'" if found is None else ""
            parts.append(f"<rect x='{x}' y='{y - 8}' width='9' height='9' fill='{self._color(line)}'/>")
            parts.append(f"<text x='{x + 13}' y='{y}' {color}>{escape(label)}</text>")
            x += len(label) * 6 + 26
        return "".join(parts)


DRAWN = {"text": text, "alarm": alarm, "metric": metric}
VIEWS = {"singleValue": single_value, "timeSeries": time_series}


def stack_of(found):
    """A value a day; periods of a stack are days."""
    return [(found or {}).get(day * A_DAY, 0.0) for day in range(DAYS)]


def thinned(slots, found, width, pixels):
    """The slots to draw, and whether each is joined to the one before: of those within half a pixel the highest and
    the lowest; a period without a point parts them."""
    group, last, parted = max(1, SLOTS // pixels // 2), None, True
    for within in grouped(slots, group):
        drawn = {min(within, key=found.get), max(within, key=found.get)}
        for slot in within:
            parted = parted or last is None or slot - last > width
            last = slot
            if slot in drawn:
                yield slot, not parted
                parted = False


def grouped(slots, group):
    groups = {}
    for slot in slots:
        groups.setdefault(slot // group, []).append(slot)
    return groups.values()


def nice(step):
    """The next 1, 2 or 5 of some power of ten."""
    power = 10 ** math.floor(math.log10(step))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step * 0.999)


def figure(value):
    if value >= 10_000:
        return f"{value / 1000:.3g}k" if value < 1e6 else f"{value / 1e6:.3g}M"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
