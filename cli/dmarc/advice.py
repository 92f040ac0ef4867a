"""When it is safe to ask other servers to do more about mail that fails DMARC: a rule with figures, on 30 days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.dmarc.sources import FORWARDED, OURS, SERVICE, UNKNOWN
from cli.output import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cli.dmarc.gather import Gathered
    from cli.dmarc.sources import Source

NEXT = {"none": "quarantine", "quarantine": "reject"}
WINDOW = 30  # days that are looked at
DAYS = 14  # with reports, of the policy that is there now
MAILS = 100  # that passed
REPORTERS = 2  # whose mail is authenticated
RATES = {"quarantine": 0.98, "reject": 0.99}  # of all mail that may be yours, forwarded mail too
PERHAPS = (SERVICE, UNKNOWN)  # yours, or not: only you know
NAMED = 5  # sources in a sentence

SAFE, DEPENDS, WAIT, DONE, HARM, UNSEEN = VERDICTS = ("safe", "depends", "wait", "done", "harm", "unseen")


@dataclass(frozen=True, kw_only=True)
class Check:
    """A condition of the rule, with its figure."""

    said: str
    holds: bool


@dataclass(frozen=True, kw_only=True)
class Advice:
    """`policy` is what the latest report found in force, `next` the one that the verdict is about; `said` tells it in
    words. Verdicts: safe; depends, on whether the sources in `doubtful` are yours; wait; done, for `reject`; harm,
    where the policy in force stops mail of yours; unseen, without any report."""

    domain: str
    verdict: str
    said: str
    policy: str = ""
    next: str = ""
    checks: tuple[Check, ...] = ()
    doubtful: tuple[str, ...] = ()


def advise(found: Gathered) -> Advice:
    """Of the reports of WINDOW days."""
    if not found.rows:
        return Advice(domain=found.domain, verdict=UNSEEN, said=unseen(found))
    policy = found.policy.in_force
    harmed = harm(found) if policy != "none" else None
    if harmed:
        return Advice(domain=found.domain, verdict=HARM, said=harmed, policy=policy)
    if policy not in NEXT:
        said = f"{found.domain} asks for reject, and no mail of yours fails that much: nothing is left to do."
        return Advice(domain=found.domain, verdict=DONE, said=said, policy=policy)
    return onward(found, policy, NEXT[policy])


def onward(found: Gathered, policy: str, following: str) -> Advice:
    """On the way from one policy to the next."""
    checks = tuple(conditions(found, policy, following))
    doubtful = [source for source in found.sources if any(source.failed[kind] for kind in PERHAPS)]
    change = f'from {policy} to {following}: set `dmarc` of {found.domain} to "{following}" in cdk.json, and deploy'
    if not all(check.holds for check in checks):
        lacking = "; ".join(check.said for check in checks if not check.holds)
        verdict, said = WAIT, f"Leave {found.domain} at {policy} for now: {lacking}."
    elif rate(found, FORWARDED, OURS, *PERHAPS) < RATES[following]:
        verdict = DEPENDS
        said = f"It is safe to go {change}, only if these are none of yours: {listed(doubtful, PERHAPS)}."
    else:
        verdict, said = SAFE, f"It is safe to go {change}."
        said += f" It would hit {listed(doubtful, PERHAPS)}: see that none is yours." if doubtful else ""
    return Advice(
        domain=found.domain,
        verdict=verdict,
        said=said,
        policy=policy,
        next=following,
        checks=checks,
        doubtful=tuple(source.address for source in doubtful),
    )


def conditions(found: Gathered, policy: str, following: str) -> Iterator[Check]:
    days = sum(policy in ("none", then) for then in found.in_force.values())
    under = "" if policy == "none" else f" under p={policy}"
    yield Check(said=f"days with reports{under}: {days} (at least {DAYS})", holds=days >= DAYS)
    passed = sum(source.passed for source in found.sources)
    yield Check(said=f"mails that passed: {passed:,} (at least {MAILS})", holds=passed >= MAILS)
    reporters = len({domain for domain, _ in found.reporters})
    yield Check(said=f"who reports: {reporters} (at least {REPORTERS})", holds=reporters >= REPORTERS)
    half = in_part(found)
    yield Check(said=f"mail of yours that is set up in part: {listed(half, (OURS,)) or 'none'}", holds=not half)
    share, needed = rate(found, FORWARDED, OURS), RATES[following]
    said = f"mail of yours that passes, forwarded mail included: {percent(share)} (at least {percent(needed)})"
    yield Check(said=said, holds=share >= needed)


def in_part(found: Gathered) -> list[Source]:
    return [source for source in found.sources if source.failed[OURS]]


def harm(found: Gathered) -> str | None:
    if half := in_part(found):
        return f"Mail of yours fails and is under p={found.policy.in_force}: mend {listed(half, (OURS,))}."
    share = rate(found, FORWARDED, OURS)
    if share < RATES["quarantine"]:
        return (
            f"Only {percent(share)} of your mail passes, and the rest is under p={found.policy.in_force}: find out why "
            f"it fails, or go back to none meanwhile."
        )
    return None


def rate(found: Gathered, *kinds: str) -> float:
    """The share that passes of what passes and what fails in these ways; all of it where there is neither."""
    passed = sum(source.passed for source in found.sources)
    failed = sum(source.failed[kind] for source in found.sources for kind in kinds)
    return passed / (passed + failed) if passed + failed else 1.0


def unseen(found: Gathered) -> str:
    if not found.asked:
        return f"No reports on {found.domain}: the stage has no `reports`, the setting that asks for them."
    return (
        f"No reports on {found.domain} in {WINDOW} days. They come about a day after the first mail, if the DNS has "
        "the record that `mailroom dns` shows."
    )


def listed(found: Iterable[Source], kinds: Iterable[str]) -> str:
    """Sources with their mails of these kinds, the largest first."""
    counted = sorted(((sum(one.failed[kind] for kind in kinds), one) for one in found), key=lambda pair: -pair[0])
    told = [f"{one.address or 'unnamed'} ({count(mails, 'mail')}{as_whom(one)})" for mails, one in counted[:NAMED]]
    return ", ".join(told) + (f" and {len(counted) - NAMED} more" if len(counted) > NAMED else "")


def as_whom(source: Source) -> str:
    """By the domain that most of them pass for; whoever sent them chose it."""
    named = source.names.most_common(1)
    return f" as {line(named[0][0])}" if named else ""


def percent(share: float) -> str:
    """Rounded down: 99.96 % is no 100 %."""
    return f"{int(share * 1000) / 10:g} %"


def count(number: int, of: str) -> str:
    return f"{number:,} {of}{'' if number == 1 else 's'}"
