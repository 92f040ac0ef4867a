"""What a test may ask of our SES that no AWS API can: local/control.py sets them."""

from collections import deque
from dataclasses import dataclass, field

from local.ses.chaos import Chaos

# Of a SendEmail: refuse as throttled, answer 500 having done nothing, take the message and never answer, or take it and
# break off in the middle of the answer.
SENDS = ("throttle", "fail", "accept-and-hang", "accept-and-drop")


@dataclass(kw_only=True)
class Knobs:
    """`sends` are for the next calls of SendEmail, one each, `refusals` for those of an operation by its name, each an
    error code; `fates` are of addresses, `verdicts` of senders, both lower case and for one mail; `hold` keeps events
    back; `copies` is how often each is published; `chaos` is for every call and event that nothing else here is for."""

    sends: deque[str] = field(default_factory=deque)
    refusals: dict[str, deque[str]] = field(default_factory=dict)
    fates: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, dict[str, str]] = field(default_factory=dict)
    hold: bool = False
    copies: int = 1
    chaos: Chaos = field(default_factory=Chaos)
