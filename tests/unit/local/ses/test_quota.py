from datetime import UTC, datetime, timedelta

import pytest

from local.ses.errors import TooManyRequests
from local.ses.quota import Quota, sandbox_quota

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_burst_of_two_seconds_passes_and_no_more():
    quota = Quota(max_rate=2)
    for _ in range(4):
        quota.take(1, NOON)
    with pytest.raises(TooManyRequests, match="Maximum sending rate exceeded"):
        quota.take(1, NOON)
    quota.take(1, NOON + timedelta(seconds=1))


def test_one_message_to_many_passes_at_a_low_rate_and_is_paid_for_later():
    quota = sandbox_quota()
    quota.take(50, NOON)
    with pytest.raises(TooManyRequests):
        quota.take(1, NOON + timedelta(seconds=40))
    quota.take(1, NOON + timedelta(seconds=60))


def test_the_daily_quota_counts_recipients_of_the_last_24_hours():
    quota = Quota(max_24_hours=3, max_rate=-1)
    quota.take(2, NOON)
    with pytest.raises(TooManyRequests, match="Daily message quota exceeded"):
        quota.take(2, NOON + timedelta(hours=23))
    assert quota.sent_last_24_hours(NOON + timedelta(hours=24)) == 0
    quota.take(3, NOON + timedelta(hours=24))


def test_the_simulator_does_not_count_for_the_day():
    quota = Quota(max_24_hours=1, max_rate=-1)
    quota.take(5, NOON, simulated=5)
    assert quota.sent_last_24_hours(NOON) == 0


def test_minus_one_is_no_limit():
    quota = Quota(max_24_hours=-1, max_rate=-1)
    for _ in range(1000):
        quota.take(50, NOON)
