import time

import pytest

from lambdas.shared.outbox.wiring import paced


@pytest.fixture
def clock(monkeypatch):
    """Time that passes by sleeping alone, and by `clock[0] += seconds`."""
    moment = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: moment[0])

    def sleep(seconds):
        moment[0] += seconds

    monkeypatch.setattr(time, "sleep", sleep)
    return moment


def turns(pace, clock, seconds):
    """How often it returns within so many seconds."""
    end, number = clock[0] + seconds, 0
    while clock[0] < end:
        pace()
        number += 1
    return number


def test_a_pace_is_kept_on_average(clock):
    pace = paced(10)
    pace()
    assert 1000 <= turns(pace, clock, 100) <= 1010


def test_a_slow_call_does_not_cost_its_share_of_the_rate(clock):
    pace = paced(10)
    begun = clock[0]
    for number in range(1000):
        pace()
        clock[0] += 0.3 if number % 10 == 0 else 0.05
    assert 99 <= clock[0] - begun <= 101


def test_an_idle_time_is_made_up_for_by_a_brief_burst_alone(clock):
    pace = paced(10)
    pace()
    clock[0] += 3600
    assert turns(pace, clock, 1) <= 16
