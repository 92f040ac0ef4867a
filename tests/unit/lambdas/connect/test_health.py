from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lambdas.connect.health import Health
from lambdas.shared.timestamps import iso

START = datetime(2025, 11, 21, 8, 0, 0, tzinfo=UTC)


def at(minutes):
    return iso(START + timedelta(minutes=minutes))


def failing(*minutes):
    health = Health()
    for each in minutes:
        health = health.failed(at(each), "answered 500")
    return health


def test_a_destination_is_well_at_first():
    assert Health() == Health(failures=0, failing_since="", paused_at="", reason="")


def test_failures_in_a_row_are_counted_from_the_first():
    assert failing(0, 3, 9) == Health(failures=3, failing_since="2025-11-21T08:00:00.000Z", reason="answered 500")


def test_one_success_ends_the_row():
    assert failing(0, 3, 9).succeeded() == Health()


def test_many_failures_in_a_short_time_do_not_pause():
    assert failing(*range(500)).paused_at == ""


def test_few_failures_in_a_long_time_do_not_pause():
    assert failing(*range(0, 9 * 720, 720)).paused_at == ""


def test_many_failures_for_half_a_day_pause():
    assert failing(*range(9), 719).paused_at == ""
    assert failing(*range(9), 720) == Health(
        failures=10,
        failing_since="2025-11-21T08:00:00.000Z",
        paused_at="2025-11-21T20:00:00.000Z",
        reason="failed 10 times since 2025-11-21T08:00:00.000Z, last: answered 500",
    )


def test_a_command_pauses_at_once_and_the_first_pause_stays():
    paused = failing(0).paused(at(5), "paused by ann@acme.test")
    assert (paused.paused_at, paused.reason) == ("2025-11-21T08:05:00.000Z", "paused by ann@acme.test")
    assert paused.paused(at(6), "answered 410") == paused


def test_what_was_under_way_does_not_change_a_pause():
    paused = Health().paused(at(5), "paused by ann@acme.test")
    assert paused.succeeded() == paused.failed(at(6), "answered 500") == paused


def test_resumed_it_has_a_new_start():
    assert failing(*range(9), 720).resumed() == Health()


@given(some.lists(some.integers(0, 3000), min_size=1, max_size=12), some.randoms())
def test_the_order_in_which_failures_are_told_does_not_matter_until_they_pause(minutes, random):
    shuffled = random.sample(minutes, len(minutes))
    one, other = failing(*minutes), failing(*shuffled)
    if not one.paused_at and not other.paused_at:
        assert one == other


class Destination(RuleBasedStateMachine):
    """Any history: never paused without a reason, and only by many failures for long, 410 or a command."""

    def __init__(self):
        super().__init__()
        self.health, self.minute, self.row, self.asked = Health(), 0, [], False

    @rule(minutes=some.integers(0, 400))
    def passes(self, minutes):
        self.minute += minutes

    @rule()
    def fails(self):
        if not self.health.paused_at:
            self.row.append(self.minute)
        self.health = self.health.failed(at(self.minute), "timed out")

    @rule()
    def succeeds(self):
        if not self.health.paused_at:
            self.row = []
        self.health = self.health.succeeded()

    @rule()
    def is_paused(self):
        self.asked = self.asked or not self.health.paused_at
        self.health = self.health.paused(at(self.minute), "answered 410")

    @rule()
    def is_resumed(self):
        self.health, self.row, self.asked = self.health.resumed(), [], False

    @invariant()
    def it_is_paused_exactly_if_asked_or_failing_for_long(self):
        long = len(self.row) >= 10 and self.row[-1] - self.row[0] >= 720
        assert bool(self.health.paused_at) == (self.asked or long)

    @invariant()
    def it_knows_the_row_of_failures(self):
        assert self.health.failures == len(self.row)
        assert self.health.failing_since == (at(self.row[0]) if self.row else "")

    @invariant()
    def a_pause_has_a_reason(self):
        assert self.health.reason or not self.health.paused_at


TestDestination = Destination.TestCase


@pytest.mark.parametrize("health", [failing(0), Health().paused(at(0), "x"), Health()])
def test_a_transition_leaves_the_value_before_it_alone(health):
    before = repr(health)
    health.failed(at(1), "y"), health.succeeded(), health.paused(at(1), "z"), health.resumed()
    assert repr(health) == before
