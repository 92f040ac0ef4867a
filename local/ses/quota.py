"""Sending quotas, counted in recipients: so many a second, with short bursts, and so many in any 24 hours."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from local.ses.errors import TooManyRequests

_DAY = timedelta(hours=24)


@dataclass(kw_only=True)
class Quota:
    """AWS publishes no figures for new production accounts; these are those usually granted. -1 means no limit."""

    max_24_hours: float = 50_000
    max_rate: float = 14
    _sent: deque[tuple[datetime, int]] = field(default_factory=deque)
    _allowance: float = 0
    _seen: datetime | None = None

    def sent_last_24_hours(self, now: datetime) -> int:
        while self._sent and self._sent[0][0] <= now - _DAY:
            self._sent.popleft()
        return sum(count for _, count in self._sent)

    def take(self, recipients: int, now: datetime, *, simulated: int = 0) -> None:
        """Count a message. Recipients at the mailbox simulator count for the rate alone (DG send-email-simulator)."""
        real = recipients - simulated
        if self.max_24_hours >= 0 and self.sent_last_24_hours(now) + real > self.max_24_hours:
            raise TooManyRequests("Daily message quota exceeded.")
        self._allowance = self._refilled(now)
        self._seen = now
        if self.max_rate >= 0 and self._allowance <= 0:
            raise TooManyRequests("Maximum sending rate exceeded.")
        self._allowance -= recipients  # below zero, so that one message to many recipients can pass at a low rate
        self._sent.append((now, real))

    def _refilled(self, now: datetime) -> float:
        """SES lets brief bursts pass (DG manage-sending-quotas); here two seconds' worth."""
        if self._seen is None:
            return 2 * self.max_rate
        return min(2 * self.max_rate, self._allowance + (now - self._seen).total_seconds() * self.max_rate)


def sandbox_quota() -> Quota:
    """What every new account has, in each region (DG request-production-access)."""
    return Quota(max_24_hours=200, max_rate=1)
