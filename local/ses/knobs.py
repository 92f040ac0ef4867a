"""What a test may ask of our SES that no AWS API can: local/control.py sets them."""

from collections import deque
from dataclasses import dataclass, field

# Of a SendEmail: refuse as throttled, answer 500 having done nothing, or take the message and never answer.
SENDS = ("throttle", "fail", "accept-and-hang")


@dataclass(kw_only=True)
class Knobs:
    """`sends` are for the next calls of SendEmail, one each; `fates` are of addresses, `verdicts` of senders,
    both lower case and for one mail; `hold` keeps events back; `copies` is how often each is published."""

    sends: deque[str] = field(default_factory=deque)
    fates: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, dict[str, str]] = field(default_factory=dict)
    hold: bool = False
    copies: int = 1
