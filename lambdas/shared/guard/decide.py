"""What becomes of a stream whose rates are these. Pure.

It goes up at once: a line that is reached is acted on. It comes down slowly: not before HOLD has passed, and only where
the rates are well below the line, so that a rate that moves about a line does not turn mail on and off. From a pause
nothing leads back but a person: while nothing is sent, no rate can show that the cause is gone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambdas.shared.guard.level import Level
from lambdas.shared.guard.policy import BOUNCES, LINES, Policy
from lambdas.shared.guard.rates import EVERY, Rate, Since

if TYPE_CHECKING:
    from collections.abc import Iterable

HOLD = timedelta(hours=6)
EASE = 0.8  # of a line: what a rate has to be below of before it is left
FEWER = 0.5  # of the least number of mails: what still holds a stream where it is
START = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
GUARD, COMMAND = "guard", "command"


@dataclass(frozen=True, kw_only=True)
class State:
    """How a stream stands: `level` is what is done to it, `reached` the highest line that its rates have reached.

    `since` when, `by` guard or command, `reason` and `rate` why. `was` is the level that was told of before; `untold`:
    it has yet to be acted on and told. `commands`: the ids of the latest about it, each of which is obeyed once.
    `version` counts changes.
    """

    level: Level = Level.OK
    reached: Level = Level.OK
    since: datetime = START
    by: str = GUARD
    reason: str = ""
    rate: dict[str, Any] | None = None
    was: Level = Level.OK
    untold: bool = False
    commands: tuple[str, ...] = ()
    counted: Since = field(default_factory=Since)
    version: int = 0


def decide(state: State, stream: str, rates: Iterable[Rate], policy: Policy, now: datetime) -> State:
    """The state from now on; the same object where nothing changes."""
    if state.level is Level.PAUSED:
        return state
    rates = [*rates]
    found, worst = reached(rates, policy)
    if worst and (found > state.reached or policy.effect(stream, found) > state.level):
        return _moved(state, stream, found, policy, now, reason(worst, found, policy), worst)
    if found < state.reached and now - state.since >= HOLD and (low := held(rates, policy)) < state.reached:
        return _moved(state, stream, low, policy, now, "the rates have fallen", None)
    return state


def reached(rates: Iterable[Rate], policy: Policy) -> tuple[Level, Rate | None]:
    """The highest line that any rate has reached, and the one of these that is furthest up."""
    counting = ((level_of(rate, policy), rate) for rate in rates if enough(rate, policy))
    level, worst = max(
        counting, key=lambda found: (found[0], found[1].rate / policy.pause.of(found[1].kind)), default=(Level.OK, None)
    )
    return level, worst if level else None


def held(rates: Iterable[Rate], policy: Policy) -> Level:
    """The highest level that the rates are not well below of yet. Never lower than what is reached."""
    return max((level_of(rate, policy, EASE) for rate in rates if enough(rate, policy, FEWER)), default=Level.OK)


def enough(rate: Rate, policy: Policy, part: float = 1) -> bool:
    """Whether there are enough mails for the rate to say something."""
    return rate.mails >= max(1, part * policy.least.of(rate.kind))


def level_of(rate: Rate, policy: Policy, part: float = 1) -> Level:
    """The highest line that a rate has reached, or this part of it."""
    return max((level for level in LINES if rate.rate >= part * policy.line(level, rate.kind)), default=Level.OK)


def paused(state: State, now: datetime, why: str) -> State:
    """By hand."""
    return replace(state, level=Level.PAUSED, **_change(state, now, why), by=COMMAND, rate=None)


def resumed(state: State, now: datetime, why: str, counted: Since) -> State:
    """By hand, from whatever it was; bounces and complaints count from now on."""
    told = _change(state, now, why)
    return replace(state, level=Level.OK, reached=Level.OK, **told, by=COMMAND, rate=None, counted=counted)


def reason(worst: Rate, level: Level, policy: Policy) -> str:
    whose = "mails" if worst.domain == EVERY else f"mails of {worst.domain}"
    became = "bounced" if worst.kind == BOUNCES else "were complained about"
    line = policy.line(level, worst.kind)
    return (
        f"{worst.happened:,} of {worst.mails:,} {whose} {became} within {article(worst.window)}: {worst.share:.3g} %, "
        f"and the line to {LINES[level]} is {line:g} %"
    )


def article(window: str) -> str:
    return f"an {window}" if window == "hour" else f"a {window}"


def _moved(
    state: State, stream: str, found: Level, policy: Policy, now: datetime, why: str, worst: Rate | None
) -> State:
    level = policy.effect(stream, found)
    told = _change(state, now, why)
    if level == state.level and found < state.reached:  # it fell to a line that has the same effect: nothing to tell
        told |= {"untold": state.untold, "was": state.was, "reason": state.reason}
    figures = {**asdict(worst), "rate": round(worst.rate, 4), "line": policy.line(found, worst.kind)} if worst else None
    return replace(state, level=level, reached=found, **told, by=GUARD, rate=figures)


def _change(state: State, now: datetime, why: str) -> dict[str, Any]:
    was = state.was if state.untold else state.level
    return {"was": was, "untold": True, "since": now, "reason": why, "version": state.version + 1}
