from datetime import UTC, datetime
from math import exp

import pytest

from lambdas.shared.counts.table import Row
from lambdas.shared.guard.policy import BOUNCES, COMPLAINTS
from lambdas.shared.guard.rates import EVERY, EVIDENCE, Since, Tally, evidence, hour_of, hours_by_domain, rates

NOW = datetime(2026, 11, 21, 10, 20, tzinfo=UTC)
HOUR = hour_of(NOW)


def look(hours, kind, window, domain="acme.test", since=None):
    """Mails and happenings of a window; `hours` are tallies by how many hours ago."""
    series = {"acme.test": {HOUR - age: tally for age, tally in hours.items()}}
    [found] = [
        (rate.mails, rate.happened)
        for rate in rates(series, NOW, since)
        if (rate.kind, rate.window, rate.domain) == (kind, window, domain)
    ]
    return found


def test_a_window_is_the_hour_under_way_and_so_many_whole_ones_before_it():
    hours = {age: Tally(sent=1, bounced=1) for age in range(300)}
    assert look(hours, BOUNCES, "hour") == (2, 2)
    assert look(hours, BOUNCES, "day") == (25, 25)
    assert look(hours, BOUNCES, "week") == (169, 169)


def test_late_complaints_are_set_against_the_large_mailing_that_they_are_about():
    hours = {30: Tally(sent=100_000, complained=20), 2: Tally(sent=3000, complained=25)}
    assert look(hours, COMPLAINTS, "day") == (100_000, 25)
    assert look(hours, BOUNCES, "day") == (3000, 0)  # bounces come at once
    assert look({2: Tally(sent=500), 0: Tally(sent=10, bounced=9)}, BOUNCES, "hour") == (500, 9)
    # Of the hours before, whole ones: else a window that has just begun would look small against them.
    assert look({2: Tally(sent=500), 1: Tally(sent=500), 0: Tally(sent=100)}, BOUNCES, "hour") == (600, 0)


def test_after_a_resumption_only_what_is_new_counts_and_all_mails_still_do():
    hours = {1: Tally(sent=1000, bounced=300), 0: Tally(sent=500, bounced=60)}
    since = Since(hour=HOUR, before={"acme.test": Tally(sent=400, bounced=55)})
    assert look(hours, BOUNCES, "day", since=since) == (1500, 5)
    later = Since(hour=HOUR - 1, before={"acme.test": Tally(bounced=290)})
    assert look(hours, BOUNCES, "day", since=later) == (1500, 70)
    assert look(hours, BOUNCES, "day", since=Since(hour=HOUR, before={"acme.test": Tally(bounced=61)})) == (1500, 0)


def test_several_domains_are_looked_at_one_by_one_and_together():
    series = {name: {HOUR: Tally(sent=100, bounced=3)} for name in ("acme.test", "news.acme.test")}
    since = Since(hour=HOUR, before={"acme.test": Tally(bounced=1), "news.acme.test": Tally(bounced=1)})
    found = {
        rate.domain: (rate.mails, rate.happened)
        for rate in rates(series, NOW, since)
        if (rate.kind, rate.window) == (BOUNCES, "hour")
    }
    assert found == {"acme.test": (100, 2), "news.acme.test": (100, 2), EVERY: (200, 4)}


def test_rows_of_the_counts_table_become_tallies_by_domain_and_hour():
    row = Row(
        pk="HOUR#2026-11-21T10", sk="marketing#acme.test", counters={"sent": 7, "bounced": 2, "bounced_permanent": 2}
    )
    assert hours_by_domain([row]) == {"acme.test": {HOUR: Tally(sent=7, bounced=2)}}


@pytest.mark.parametrize("number", range(1, 16))
def test_few_events_are_as_many_as_are_expected_twice_over_where_that_many_come_once_in_a_hundred(number):
    expected, term, below = EVIDENCE[number] / 2, 1.0, 0.0
    for k in range(number):
        below += term
        term *= expected / (k + 1)
    assert 1 - exp(-expected) * below == pytest.approx(0.01, abs=1e-5)
    assert evidence(number) < number


def test_from_sixteen_on_events_are_as_many_as_they_are():
    assert [evidence(number) for number in (0, 16, 17, 1000)] == [0, 16, 17, 1000]
