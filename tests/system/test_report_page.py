"""The page of a report in a real browser: that it can be read and fits, light and dark.

`make screenshots` runs this with SCREENSHOTS=docs/images, where the pictures of the documentation are kept.
"""

import html
import json
import os
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from cli.figures import Figures, Report
from cli.report_page import page
from tests.system.pictures import picture

DARK = "(prefers-color-scheme: dark)"
WIDTHS = {"phone": 375, "desktop": 1100}
SCHEMES = {
    "light": ("not all", {"page": (0xF3, 0xF5, 0xF7), "sent": (0x2F, 0x6F, 0xD6), "bounced": (0xD1, 0x49, 0x3F)}),
    "dark": ("all", {"page": (0x14, 0x17, 0x1A), "sent": (0x6B, 0xA1, 0xF5), "bounced": (0xF0, 0x76, 0x6C)}),
}
TEMPLATES = {"newsletter": 5200, "receipt": 340, "delivery-update": 320, "password-reset": 150, "welcome": 90}
SINCE = date(2026, 10, 23)


def mails(template, day):
    """A template's day: newsletters go out on Tuesdays, twice to a list that is too old."""
    when = SINCE + timedelta(days=day)
    sent = (
        TEMPLATES[template] + (day * 37 + len(template) * 11) % 60
        if template != "newsletter" or when.weekday() == 1
        else 0
    )
    bad = template == "newsletter" and day in {11, 25}
    hard = sent * (7 if bad else 0) // 100 + (sent * 4) // 1000
    counters = {"sent": sent, "bounced_permanent": hard, "bounced_transient": sent // 180, "opened": sent * 2 // 5}
    counters |= {"delivered": sent - hard - sent // 250, "clicked": sent // 9, "delayed": sent // 90, "failed": day % 2}
    return Counter(counters | {"complained": sent // 700 if bad else sent // 3000})


def month():
    numbers = range(30)
    by_day = [sum((mails(template, day) for template in TEMPLATES), Counter()) for day in numbers]
    by_template = [(template, sum((mails(template, day) for day in numbers), Counter())) for template in TEMPLATES]
    days = tuple(
        Figures(name=str(SINCE + timedelta(days=day)), counters=dict(found))
        for day, found in zip(numbers, by_day, strict=True)
    )
    return Report(
        since=SINCE,
        until=SINCE + timedelta(days=29),
        stream=None,
        by="template",
        rows=tuple(Figures(name=name, counters=dict(found)) for name, found in by_template),
        days=days,
        total=Figures(name="total", counters=dict(sum(by_day, Counter()))),
        counted_to="2026-11-21T20:04:31.000Z",
        gap_at=None,
    )


@pytest.fixture(scope="module")
def pages():
    """The page as each scheme shows it."""
    shown = page(month(), "example")
    assert DARK in shown
    return {name: shown.replace(DARK, media) for name, (media, _) in SCHEMES.items()}


def test_a_report_fits_its_window_and_can_be_read_light_and_dark(browser, pages, tmp_path):
    frames = [
        f'<iframe title="{scheme}, {name}" width="{width}" height="900" srcdoc="{html.escape(shown)}"></iframe>'
        for scheme, shown in pages.items()
        for name, width in WIDTHS.items()
    ]
    script = Path(__file__).with_name("measure.js").read_text()
    outer = tmp_path / "page.html"
    outer.write_text(f'<!doctype html><meta charset="utf-8"><script>{script}</script>{"".join(frames)}')
    printed = browser(outer, "--dump-dom")
    measured = json.loads(html.unescape(printed.partition("<pre>")[2].partition("</pre>")[0]))
    assert len(measured) == len(frames)
    assert min(found["texts"] for found in measured) > 100
    assert [found for found in measured if found["overflow"] > 0 or found["unreadable"]] == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_pictures_for_the_documentation_show_charts(browser, pages, tmp_path, scheme):
    kept, colors = os.environ.get("SCREENSHOTS"), SCHEMES[scheme][1]
    shown, png = tmp_path / "report.html", Path(kept or tmp_path, f"report-{scheme}.png").resolve()
    shown.write_text(pages[scheme])
    seen = picture(browser, shown, png, shows=colors.values(), width=1140, height=1640, scale=1 if kept else 0.5)
    area = sum(seen.values())
    assert seen[colors["page"]] > area / 20
    assert seen[colors["sent"]] > area / 100
    assert png.stat().st_size < 200_000
