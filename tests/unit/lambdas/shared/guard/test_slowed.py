import pytest

from lambdas.shared.guard.level import Level
from lambdas.shared.guard.slowed import KNOWN_SECONDS, Slowed


class Clock:
    now = 1000.0


class Table:
    """Says how marketing stands, and counts how often it is asked."""

    asked = 0

    def __init__(self, level):
        self.found = level

    def get_item(self, *, Key, **_):  # noqa: N803 - boto3's name
        self.asked += 1
        assert Key == {"pk": "GUARD#marketing", "sk": "STATE"}
        return {"Item": {"level": self.found.name}}


@pytest.fixture
def clock():
    return Clock()


def slowed(clock, level):
    return Slowed(table=Table(level), clock=lambda: clock.now)


def test_transactional_mail_is_never_slowed_down_nor_asked_about(clock):
    found = slowed(clock, Level.SLOWED)
    assert not found("transactional")
    assert found.table.asked == 0


@pytest.mark.parametrize(
    ("level", "expected"), [(Level.OK, False), (Level.WARNED, False), (Level.SLOWED, True), (Level.PAUSED, False)]
)
def test_marketing_is_slowed_down_at_one_level(clock, level, expected):
    assert slowed(clock, level)("marketing") is expected


def test_it_is_read_once_a_minute(clock):
    found = slowed(clock, Level.OK)
    for _ in range(2 * KNOWN_SECONDS):
        assert not found("marketing")
        clock.now += 1
    assert found.table.asked == 2
    found.table.found = Level.SLOWED
    assert found("marketing")
