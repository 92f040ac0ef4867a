"""What the guard would have done in a history of mail by the hour. Pure.

The hours are walked through in steps of five minutes, as the guard looks; an hour's mails are spread over its steps
evenly. Mail that it holds back is never sent here, so that its bounces and complaints never happen: bounces as many
fewer as mails at the same time, complaints as mails of the last three days.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.shared.guard.decide import State, decide
from lambdas.shared.guard.level import Level
from lambdas.shared.guard.policy import BOUNCES, COMPLAINTS, KINDS, Policy
from lambdas.shared.guard.rates import LAG, NOTHING, OLDEST, Tally, moment_of, rates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

STEPS = 12
# What AWS does at which percentage, and of how many mails at least (it says "a representative volume").
AWS = {"reviews the account": {BOUNCES: 5, COMPLAINTS: 0.1}, "may pause the account": {BOUNCES: 10, COMPLAINTS: 0.5}}
AWS_HOURS, AWS_LEAST = 7 * 24, 1000


@dataclass(frozen=True, kw_only=True)
class Hour:
    """What happened to mails of a domain in a stream within an hour (its number since 1970)."""

    hour: int
    stream: str
    domain: str
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class Moment:
    """`who`: guard, or AWS, which looks at the account (`stream` is empty)."""

    at: datetime
    who: str
    stream: str
    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What the guard did, what AWS would have done without it and with it, and the sums of both."""

    guard: list[Moment]
    without: list[Moment]
    despite: list[Moment]
    was: Tally
    would_be: Tally


@dataclass
class Flow:
    """A domain's mail in a stream by hour: what `was`, of its mails those that were asked for so far, and what would
    have become of them."""

    was: dict[int, Tally] = field(default_factory=dict)
    asked: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    sent: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    bounced: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    complained: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))

    def step(self, hour: int, passes: float) -> None:
        """A step of an hour in which this part of the mail is let through."""
        was = self.was.get(hour, NOTHING)
        self.asked[hour] += was.sent / STEPS
        self.sent[hour] += passes * was.sent / STEPS
        self.bounced[hour] += passes * was.bounced / STEPS
        self.complained[hour] += self._part_sent(hour) * was.complained / STEPS

    def would_be(self, hours: Iterable[int]) -> dict[int, Tally]:
        return {
            hour: Tally(
                sent=whole(self.sent[hour]), bounced=whole(self.bounced[hour]), complained=whole(self.complained[hour])
            )
            for hour in hours
            if hour in self.sent
        }

    def _part_sent(self, hour: int) -> float:
        """Of the mails that complaints of this hour are about."""
        hours = range(hour - LAG[COMPLAINTS], hour + 1)
        asked = sum(self.asked[each] for each in hours)
        return sum(self.sent[each] for each in hours) / asked if asked else 1


def whole(number: float) -> int:
    return int(number + 1e-6)


def replay(history: Iterable[Hour], policy: Policy) -> Replayed:
    flows: dict[str, dict[str, Flow]] = {}
    for each in history:
        flow = flows.setdefault(each.stream, {}).setdefault(each.domain, Flow())
        flow.was[each.hour] = flow.was.get(each.hour, NOTHING) + each.tally
    every = [flow for domains in flows.values() for flow in domains.values()]
    hours = sorted({hour for flow in every for hour in flow.was})
    states, moments = dict.fromkeys(flows, State()), list[Moment]()
    for hour in range(hours[0], hours[-1] + 1) if hours else ():
        for stream, domains in flows.items():
            moments += _hour(stream, domains, states, policy, hour)
    moments.sort(key=lambda moment: moment.at)
    was, would_be = [flow.was for flow in every], [flow.would_be([*flow.sent]) for flow in every]
    return Replayed(
        guard=moments,
        without=of_aws(was, hours),
        despite=of_aws(would_be, hours),
        was=total(was),
        would_be=total(would_be),
    )


def _hour(
    stream: str, domains: Mapping[str, Flow], states: dict[str, State], policy: Policy, hour: int
) -> Iterator[Moment]:
    before = {domain: flow.would_be(range(hour - OLDEST, hour)) for domain, flow in domains.items()}
    for step in range(1, STEPS + 1):
        state, now = states[stream], moment_of(hour) + timedelta(hours=step / STEPS)
        for flow in domains.values():
            flow.step(hour, passes(state.level, policy))
        tallies = {domain: before[domain] | flow.would_be([hour]) for domain, flow in domains.items()}
        states[stream] = changed = decide(state, stream, rates(tallies, now, state.counted), policy, now)
        if changed is not state:
            what = changed.level.name.lower() if changed.level else "as usual"
            yield Moment(at=now, who="guard", stream=stream, what=what, why=changed.reason)


def passes(level: Level, policy: Policy) -> float:
    """Which part of the mail goes out in the time in which all of it would."""
    return {Level.SLOWED: 1 / policy.slowed_by, Level.PAUSED: 0}.get(level, 1)


def of_aws(flows: list[dict[int, Tally]], hours: list[int]) -> list[Moment]:
    """When the account's rates first reach AWS's lines."""
    found: dict[tuple[str, str], Moment] = {}
    for hour in range(hours[0], hours[-1] + 1) if hours else ():
        recent = range(hour - AWS_HOURS, hour + 1)
        together = sum((flow.get(each, NOTHING) for flow in flows for each in recent), NOTHING)
        for what, lines in AWS.items():
            for kind in KINDS:
                rate = 100 * together.of(kind) / together.sent if together.sent >= AWS_LEAST else 0
                if rate >= lines[kind] and (what, kind) not in found:
                    why = f"{kind} are {rate:.3g} % of {together.sent:,} mails of 7 days; the line is {lines[kind]:g} %"
                    found[what, kind] = Moment(at=moment_of(hour + 1), who="AWS", stream="", what=what, why=why)
    return sorted(found.values(), key=lambda moment: moment.at)


def total(flows: Iterable[Mapping[int, Tally]]) -> Tally:
    return sum((tally for flow in flows for tally in flow.values()), NOTHING)
