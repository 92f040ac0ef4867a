import heapq

import pytest

from lambdas.send.turns import KNOWN_SECONDS, Turns
from lambdas.shared.guard.policy import Level


class Clock:
    now = 1000.0


class Table:
    """Says how marketing stands, and counts how often it is asked."""

    asked = 0

    def __init__(self, level):
        self.found = level

    def level(self, stream):
        self.asked += 1
        assert stream == "marketing"
        return self.found


@pytest.fixture
def clock():
    return Clock()


def turns(clock, level=Level.SLOWED, per_second=0.5):
    return Turns(guarded=Table(level), per_second=per_second, clock=lambda: clock.now)


def test_transactional_mail_never_waits_nor_asks(clock):
    found = turns(clock)
    assert [found.wait("transactional") for _ in range(100)] == [0] * 100
    assert found.guarded.asked == 0


@pytest.mark.parametrize("level", [Level.OK, Level.WARNED, Level.PAUSED])
def test_marketing_that_is_not_slowed_down_does_not_wait(clock, level):
    assert [turns(clock, level).wait("marketing") for _ in range(100)] == [0] * 100


def test_whether_it_is_slowed_down_is_asked_once_a_minute(clock):
    found = turns(clock, Level.OK)
    for _ in range(2 * KNOWN_SECONDS):
        found.wait("marketing")
        clock.now += 1
    assert found.guarded.asked == 2
    found.guarded.found = Level.SLOWED
    clock.now += 1
    assert (found.wait("marketing"), found.wait("marketing")) == (0, 4)


def test_a_thousand_mails_go_out_at_the_lower_rate_and_none_is_forgotten(clock):
    """Each comes back when it was told to, as by the queue's delay."""
    found, start, sent = turns(clock), clock.now, []
    coming = [(clock.now, number) for number in range(1000)]
    while coming:
        due, number = heapq.heappop(coming)
        clock.now = max(clock.now, due)
        if seconds := found.wait("marketing"):
            assert 1 <= seconds <= 900
            heapq.heappush(coming, (clock.now + seconds, number))
        else:
            sent.append(clock.now)
    assert len(sent) == 1000
    assert 1998 <= sent[-1] - start <= 1.5 * 2000
    for minute in range(30):
        assert sum(start + minute * 60 <= at < start + minute * 60 + 60 for at in sent) <= 31
