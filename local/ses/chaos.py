"""SES on a bad day: which calls of SendEmail go wrong, and how late events come. A seed decides, so that the same bad
day can be had again."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random


@dataclass(kw_only=True)
class Chaos:
    """The first three are shares of the calls, of 1 together at most. What the n-th call for a recipient meets depends
    on the seed alone and not on the order in which calls come. An event is late by up to `hold_events_seconds`, each
    copy by a time of its own, so that they also change places."""

    seed: float = 0
    throttle: float = 0
    fail: float = 0
    accept_and_drop: float = 0
    hold_events_seconds: float = 0
    _calls: Counter[str] = field(default_factory=Counter, init=False)

    def fault(self, recipient: str) -> str:
        """One of local.ses.knobs.SENDS, or nothing."""
        self._calls[recipient] += 1
        drawn = self._drawn(f"{recipient} {self._calls[recipient]}")
        shares = {"throttle": self.throttle, "fail": self.fail, "accept-and-drop": self.accept_and_drop}
        for name, share in shares.items():
            if drawn < share:
                return name
            drawn -= share
        return ""

    def lateness(self, event: str) -> float:
        """Seconds; `event` names one copy of one event."""
        return self.hold_events_seconds * self._drawn(event) if self.hold_events_seconds else 0

    def _drawn(self, what: str) -> float:
        return Random(f"{self.seed} {what}").random()  # noqa: S311 - dice, no secret
