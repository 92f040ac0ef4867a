"""The settings about what comes back: `announce`, `soft_bounces`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.settings_texts import expected, named
from lambdas.shared.recipients import SoftBounces

if TYPE_CHECKING:
    from collections.abc import Callable

ANNOUNCED = ("MailSent", "MailDelivered")
MOST, LONGEST = 20, 90  # soft bounces; days


def announce(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(name in ANNOUNCED for name in value):
        raise expected(f"a list of {' and '.join(ANNOUNCED)}, or of one of them", value)
    return tuple(name for name in ANNOUNCED if name in value)


def soft_bounces(value: object) -> SoftBounces:
    if not isinstance(value, dict) or value.keys() != WITHIN_SOFT_BOUNCES.keys():
        raise expected('an object {"most": 5, "days": 14}', value)
    try:
        return SoftBounces(**{key: WITHIN_SOFT_BOUNCES[key](given) for key, given in value.items()})
    except ValueError as fault:
        raise ValueError(f"its {fault}") from None


def _number(most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise expected(f"a whole number from 1 to {most}", value)
        return value

    return read


WITHIN_SOFT_BOUNCES = {"most": named("most", _number(MOST)), "days": named("days", _number(LONGEST))}
