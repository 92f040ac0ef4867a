import heapq

import pytest

from lambdas.send.turns import Turns


class Clock:
    now = 1000.0


@pytest.fixture
def clock():
    return Clock()


def turns(clock):
    return Turns(slowed=lambda stream: stream == "marketing", per_second=0.5, clock=lambda: clock.now)


def test_a_stream_that_is_not_slowed_down_does_not_wait_and_the_other_does(clock):
    found = turns(clock)
    assert [found.wait("transactional") for _ in range(100)] == [0] * 100
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
