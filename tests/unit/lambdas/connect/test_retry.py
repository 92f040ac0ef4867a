from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lambdas.connect.retry import wait

DAY = 86400
chances = some.floats(0, 1)
asked = some.none() | some.floats(-10, 2 * DAY)


@pytest.mark.parametrize(
    ("failures", "elapsed", "seconds"),
    [
        (1, 0, 5),
        (2, 5, 30),
        (3, 35, 120),
        (4, 155, 300),
        (5, 455, 900),
        (6, 1355, 1800),
        (7, 3155, 3600),
        (8, 6755, 7200),
        (9, 13_955, 10_800),
        (10, 24_755, 14_400),
        (11, 39_155, 21_600),
        (12, 60_755, 25_645),  # what is left of the day
        (13, 86_400, None),
    ],
)
def test_waits_grow_until_a_day_is_over(failures, elapsed, seconds):
    assert wait(failures, elapsed, chance=0) == seconds


@pytest.mark.parametrize(("chance", "seconds"), [(0, 3600), (0.25, 3780), (1, 4320)])
def test_waits_are_spread_by_a_fifth(chance, seconds):
    assert wait(7, 3155, chance=chance) == seconds


@pytest.mark.parametrize(
    ("retry_after", "seconds"), [(None, 30), (0, 30), (-5, 30), (29, 30), (31.5, 31.5), (7200, 7200), (86_395, 86_395)]
)
def test_the_other_sides_wish_to_wait_longer_is_obeyed(retry_after, seconds):
    assert wait(2, 5, chance=0, retry_after=retry_after) == seconds


def test_who_asks_for_more_than_is_left_of_the_day_is_not_asked_again():
    assert wait(2, 5, chance=0, retry_after=86_396) is None


@given(some.integers(1, 10**6), some.floats(0, 10 * DAY), chances, asked)
def test_no_try_is_sooner_than_asked_or_later_than_a_day(failures, elapsed, chance, retry_after):
    seconds = wait(failures, elapsed, chance=chance, retry_after=retry_after)
    if seconds is not None:
        assert seconds > 0
        assert seconds >= (retry_after or 0)
        assert elapsed + seconds <= DAY * (1 + 1e-9)


@given(some.lists(some.tuples(chances, some.none() | some.floats(0, 3600)), min_size=60, max_size=60))
def test_whatever_happens_the_tries_end_within_a_day(chosen):
    elapsed = 0.0
    for failures, (chance, retry_after) in zip(count(1), chosen, strict=False):
        seconds = wait(failures, elapsed, chance=chance, retry_after=retry_after)
        if seconds is None:
            break
        elapsed += seconds + 5  # a try takes 5 seconds at most
    else:
        pytest.fail("there was no end")
    assert DAY - 3600 <= elapsed <= DAY + 5
