from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.tickets.limit import Limit
from lambdas.shared.timestamps import iso

START = datetime(2026, 11, 21, tzinfo=UTC)
LIMIT = Limit(hour=2, day=5)


def most_within(times, span):
    return max((sum(one <= other < one + span for other in times) for one in times), default=0)


@given(st.lists(st.integers(0, 3 * 24 * 60), max_size=60))
def test_in_whatever_order_they_come_no_hour_and_no_day_has_more(minutes):
    counted, admitted = {}, []
    for number, minute in enumerate(minutes):
        more = LIMIT.admit(counted, iso(START + timedelta(minutes=minute)), f"ses-{number}")
        if more is not None:
            counted = more
            admitted.append(minute)
    assert most_within(admitted, 60) <= 2
    assert most_within(admitted, 24 * 60) <= 5
    assert len(counted) <= 20


def test_the_first_is_always_admitted():
    assert LIMIT.admit({}, "2026-11-21T10:00:00.000Z", "ses-1") == {"ses-1": "2026-11-21T10:00:00.000Z"}
