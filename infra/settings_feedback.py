"""The settings about what comes back: `announce`, `soft_bounces`, `guard`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.settings_texts import expected, named, switch
from lambdas.shared.guard.policy import BOUNCES, COMPLAINTS, LINES, Pair, Policy
from lambdas.shared.recipients import SoftBounces

if TYPE_CHECKING:
    from collections.abc import Callable

ANNOUNCED = ("MailSent", "MailDelivered")
MOST, LONGEST = 20, 90  # soft bounces; days
# Percent at which AWS reviews an account (developer guide, reputation-dashboard-dg): a line above comes too late.
REVIEWED = {BOUNCES: 5, COMPLAINTS: 0.1}
LEAST = (20, 100_000)  # mails
SLOWEST = 100


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


def guard(value: object) -> Policy:
    if not isinstance(value, dict) or value.keys() - WITHIN_GUARD.keys():
        raise expected(f"an object of {', '.join(WITHIN_GUARD)}", value)
    try:
        policy = Policy(**{key: WITHIN_GUARD[key](given) for key, given in value.items()})
    except ValueError as fault:
        raise ValueError(f"its {fault}") from None
    for kind in REVIEWED:
        lines = [policy.line(level, kind) for level in LINES]
        if lines != sorted(set(lines)):
            raise ValueError(f"its lines of {kind} must rise from warn to slow to pause; they are {lines}")
    return policy


def _line(kind: str) -> Callable[[object], float]:
    def read(value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= REVIEWED[kind]:
            raise expected(f"a percentage above 0, and {REVIEWED[kind]:g} at most, where AWS reviews an account", value)
        return value

    return read


def _mails(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not LEAST[0] <= value <= LEAST[1]:
        raise expected(f"a whole number from {LEAST[0]} to {LEAST[1]}", value)
    return value


def _pair(usual: Pair, readers: dict[str, Callable[[object], float]]) -> Callable[[object], Pair]:
    """Of bounces and complaints; what is left out is as usual."""

    def read(value: object) -> Pair:
        if not isinstance(value, dict) or value.keys() - readers.keys():
            raise expected('an object {"bounces": …, "complaints": …}', value)
        return Pair(**{kind: readers[kind](value[kind]) if kind in value else usual.of(kind) for kind in readers})

    return read


USUAL = Policy()
PERCENT = {kind: named(kind, _line(kind)) for kind in REVIEWED}
MAILS: dict[str, Callable[[object], float]] = {kind: named(kind, _mails) for kind in REVIEWED}
WITHIN_GUARD: dict[str, Callable[[object], Any]] = {
    **{LINES[level]: named(LINES[level], _pair(getattr(USUAL, LINES[level]), PERCENT)) for level in LINES},
    "least": named("least", _pair(USUAL.least, MAILS)),
    "slowed_by": named("slowed_by", _number(SLOWEST)),
    "pause_transactional": named("pause_transactional", switch),
}
