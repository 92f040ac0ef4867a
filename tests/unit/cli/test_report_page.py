"""What a report shows of figures that are given: on its page, in a terminal, whatever names are in it."""

import itertools
import re
from datetime import date

import pytest
from rich.console import Console
from selectolax.lexbor import LexborHTMLParser

from cli.figures import COMPLAINTS, Figures, Report
from cli.report_charts import nice, rates, volume
from cli.report_page import page
from cli.report_screen import screen
from lambdas.shared.counts.contributions import STREAMS


def day(name, **counters):
    return Figures(name=name, counters=counters)


DAYS = (
    day("2026-11-19", sent=1000, delivered=940, bounced_permanent=60, complained=6, opened=400),
    day("2026-11-20"),
    day("2026-11-21", sent=500, delivered=400, bounced_permanent=5, bounced_transient=7, failed=2, suppressed=1),
)
TOTAL = day("total", sent=1500, delivered=1340, bounced_permanent=65, complained=6)


def report(rows=DAYS, by="day", **more):
    given = {
        "since": date(2026, 11, 19),
        "until": date(2026, 11, 21),
        "stream": None,
        "counted_to": None,
        "gap_at": None,
    }
    return Report(rows=rows, days=DAYS, total=TOTAL, by=by, **given | more)


def printed(found, columns=80):
    console = Console(width=columns, color_system=None)
    with console.capture() as captured:
        for part in screen(found, columns):
            console.print(part, markup=False, highlight=False)
    return captured.get()


HOSTILE = day('<script>"]]>\x1b[31m</script>.test', sent=1)


def test_the_page_has_figures_charts_and_states_and_no_script():
    html = page(report(counted_to="2026-11-21T20:04:31.000Z", gap_at="2026-11-20T01:00:00.000Z"), "example")
    tree = LexborHTMLParser(html)
    assert [tile.text() for tile in tree.css(".tiles strong")] == ["1,500", "89.3 %", "4.33 %", "0.400 %"]
    assert [cell.text() for cell in tree.css("tr")[1].css("td")][2:5] == ["500", "80.0 %", "1.00 %"]
    assert {cell.attributes["class"] for cell in tree.css("tr")[3].css("td[class]")} == {"bar", "review", "pause"}
    assert len(tree.css("svg")) == 3
    assert "Counted to 2026-11-21 20:04:31" in tree.css_first("header").text()
    assert "lost" in tree.css_first(".warning").text()
    assert not tree.css("script, link, img, [onclick], [href], [src]")


def test_a_hostile_name_is_text_on_the_page_and_in_the_terminal():
    found = report(rows=(HOSTILE,), by="domain")
    tree = LexborHTMLParser(page(found, "example"))
    assert tree.css("tr")[1].css_first("td").text() == '<script>"]]>\\x1b[31m</script>.test'
    assert not tree.css("script")
    assert "\x1b" not in printed(found)


@pytest.mark.parametrize("columns", [80, 130])
def test_a_report_fits_the_terminal_and_says_where_it_stands(columns):
    shown = printed(report(), columns)
    assert max(map(len, shown.splitlines())) <= columns
    assert re.search(r"bounced +65 +4.33 % .*review 5 %, pause 10 %", shown)
    assert re.search(r"complained +6 +0.400 % .*review 0.1 %, pause 0.5 %", shown)
    assert re.search(r"2026-11-20 +0 .*-", shown)
    assert ("suppressed" in shown) == (columns == 130)


def test_nothing_at_all_is_a_report_too():
    empty = Report(
        **vars(report()) | {"rows": (), "days": (day("2026-11-21"),), "total": day("total"), "by": STREAMS[0]}
    )
    assert "nothing is counted yet" in printed(empty)
    assert "Nothing is counted yet" in page(empty, "example")


def test_bars_add_up_to_the_mails_of_their_day():
    drawn = LexborHTMLParser(volume(DAYS)).css("rect")
    highs = [(rectangle.attributes["class"], float(rectangle.attributes["height"])) for rectangle in drawn]
    assert [name for name, _ in highs] == ["delivered", "bounced", "delivered", "bounced", "open"]
    assert sum(high for _, high in highs[:2]) == pytest.approx(2 * sum(high for _, high in highs[2:]), abs=0.3)


def test_a_line_has_a_gap_where_no_mail_was_sent():
    drawn = LexborHTMLParser(rates(DAYS, "complained", COMPLAINTS))
    assert re.fullmatch(r"M[\d.]+ [\d.]+M[\d.]+ [\d.]+", drawn.css_first("path").attributes["d"])
    assert [circle.text() for circle in drawn.css("circle")] == [
        "2026-11-19: 0.600 % of 1,000",
        "2026-11-21: 0.000 % of 500",
    ]
    high = {line.attributes["class"]: float(line.attributes["y1"]) for line in drawn.css("line")}
    assert float(drawn.css_first("circle").attributes["cy"]) < high["pause"] < high["review"] < high["grid"]


@pytest.mark.parametrize("complained", [0, 1, 6, 40, 500])
def test_no_words_of_a_scale_lie_on_others(complained):
    drawn = LexborHTMLParser(rates([day("2026-11-19", sent=1000, complained=complained)], "complained", COMPLAINTS))
    scale = sorted(float(word.attributes["y"]) for word in drawn.css("text.end"))
    assert all(below - above >= 15 for above, below in itertools.pairwise(scale))
    assert "0.5 %" in [word.text() for word in drawn.css("text.end")]


@pytest.mark.parametrize(("most", "end"), [(0, 4), (4, 4), (5, 8), (41, 80), (399, 400), (12_345, 20_000)])
def test_a_scale_ends_with_a_round_number(most, end):
    assert nice(most) == end
