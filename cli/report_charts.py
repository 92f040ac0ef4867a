"""The charts of a report's page, as SVG. Their colours are classes of the page's style, light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cli.figures import Figures, Threshold

WIDTH, HEIGHT = 1000, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 28  # around the plot
MOST_LABELS = 10
ROOM = 15  # that a line of text takes
STEPS = (1, 2, 2.5, 5, 10)
BELOW = HEIGHT - BOTTOM


def volume(days: Sequence[Figures]) -> str:
    """A bar a day: delivered, bounced for good, and what has neither been told of; on a scale of mails."""
    most = nice(max((day["sent"] for day in days), default=0))
    slot = (WIDTH - LEFT - RIGHT) / max(len(days), 1)
    parts = [*grid([(most * quarter / 4, f"{most * quarter / 4:,.0f}") for quarter in range(5)], most)]
    for index, day in enumerate(days):
        delivered = min(day["delivered"], day["sent"])
        bounced = min(day["bounced_permanent"], day["sent"] - delivered)
        told = f"{day.name}: {day['sent']:,} sent, {day['delivered']:,} delivered, {day['bounced_permanent']:,} bounced"
        parts.append(f"<g><title>{told}</title>")
        below = 0
        for name, number in (
            ("delivered", delivered),
            ("bounced", bounced),
            ("open", day["sent"] - delivered - bounced),
        ):
            high = (BELOW - TOP) * number / most
            if high:
                y = BELOW - (BELOW - TOP) * below / most - high
                parts.append(rectangle(name, LEFT + slot * (index + 0.15), y, slot * 0.7, high))
            below += number
        parts.append("</g>")
    return svg([*parts, *labels(days, slot)], f"Mails by day, at most {most:,.0f}")


def rates(days: Sequence[Figures], outcome: str, threshold: Threshold) -> str:
    """A line of a rate by day, against AWS's thresholds; days without mail leave a gap."""
    found = [(index, share) for index, day in enumerate(days) if (share := day.share(outcome)) is not None]
    most = max(threshold.pause * 1.15, *(share * 1.1 for _, share in found), 0)
    slot = (WIDTH - LEFT - RIGHT) / max(len(days), 1)
    points = [(index, LEFT + slot * (index + 0.5), height(share, most), share) for index, share in found]
    parts = [*thresholds(threshold, most)]
    parts += [f'<path class="rate" d="{path(points)}"/>']
    for index, x, y, share in points:
        told = f"{days[index].name}: {share * 100:.3f} % of {days[index]['sent']:,}"
        parts.append(f'<circle class="rate" cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{told}</title></circle>')
    return svg([*parts, *labels(days, slot)], f"{outcome} by day, in per cent")


def thresholds(threshold: Threshold, most: float) -> Iterator[str]:
    """A line each, and one at nothing; with words where they have room below those before."""
    above: float = -ROOM
    for name, value in (("pause", threshold.pause), ("review", threshold.review), ("grid", 0.0)):
        y = height(value, most)
        yield f'<line class="{name}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        if y - above < ROOM:
            continue
        above = y
        yield f'<text class="end" x="{LEFT - 8}" y="{y + 4:.1f}">{value * 100:g} %</text>'
        if said := WORDS.get(name):
            yield f'<text class="{name}" x="{LEFT + 6}" y="{y - 6:.1f}">AWS {said}</text>'


WORDS = {"review": "reviews the account", "pause": "may pause sending"}


def path(points: Sequence[tuple[int, float, float, float]]) -> str:
    """Through all points of neighbouring days."""
    steps = []
    before = None
    for index, x, y, _ in points:
        steps.append(f"{'L' if before == index - 1 else 'M'}{x:.1f} {y:.1f}")
        before = index
    return "".join(steps)


def grid(lines: Sequence[tuple[float, str]], most: float) -> Iterator[str]:
    for value, label in lines:
        y = height(value, most)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="end" x="{LEFT - 8}" y="{y + 4:.1f}">{label}</text>'


def labels(days: Sequence[Figures], slot: float) -> Iterator[str]:
    """Of as many days as have room, the last among them."""
    step = -(-len(days) // MOST_LABELS) or 1
    for index in range(len(days) - 1, -1, -step):
        x, day = LEFT + slot * (index + 0.5), days[index].name[5:]
        yield f'<text class="middle" x="{x:.1f}" y="{HEIGHT - 8}">{day}</text>'


def height(value: float, most: float) -> float:
    return BELOW - (BELOW - TOP) * value / most


def nice(most: int) -> float:
    """The end of a scale: the least round number that is not less, and whose quarters are whole."""
    power = 4.0
    while most > 10 * power:
        power *= 10
    return next(power * step for step in STEPS if power * step >= most)


def rectangle(name: str, x: float, y: float, wide: float, high: float) -> str:
    return f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'


def svg(parts: Sequence[str], told: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{told}">{"".join(parts)}</svg>'
