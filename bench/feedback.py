"""Is feedback exact, and what does it cost: `make bench-feedback`.

100,000 of SES's events in batches of ten, a fifth of them repeats, in a random order, through the code of `feedback`
and `counts`; each second batch comes in a file. What is in the tables then is compared with what the mails' history
says (bench/feedback_expected.py). In turns with feedback, a plain handler that puts each event without a condition gets
the same batches.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import click

from bench import feedback_expected as expected
from bench.feedback_events import body, record
from bench.feedback_mails import Mail, Said, mails
from bench.feedback_world import World, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPEATED = 0.2
BATCH = 10
ROUNDS = 20
COUNTED_EVERY = 20  # batches
WRITES, CPU = 1.1, 1.5  # the aims

Batch = list[dict[str, Any]]


@dataclass(kw_only=True)
class Verdict:
    """`lost` are events, and news of them, that left no trace; `states` are messages and recipients that are not as
    they should be, `counts` counters."""

    lost: int
    states: int
    counts: int


@dataclass(kw_only=True)
class Costs:
    """Seconds of processor time an event, by turns, and what was asked for."""

    ours: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    asked_plain: Counter[str] = field(default_factory=Counter)
    counting: Counter[str] = field(default_factory=Counter)
    counting_seconds: float = 0.0


@click.command()
@click.option("--events", default=100_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(events: int, seed: int) -> None:
    begun = time.monotonic()
    random = Random(seed)
    sent = mails(random, events - int(events * REPEATED))
    world = World(tables())
    for mail in sent:
        world.send(mail)
    world.metered()
    costs = run(world, shuffled(random, sent, events))
    verdict = judged(world, sent)
    report(events, seed, sent, costs, verdict, time.monotonic() - begun)
    sys.exit(1 if verdict.lost or verdict.states or verdict.counts else 0)


def shuffled(random: Random, sent: list[Mail], events: int) -> list[tuple[Mail, Said]]:
    """Each event of the mails once, and as many of them again as are missing."""
    once = [(mail, said) for mail in sent for said in mail.said]
    all_of_them = once + random.choices(once, k=events - len(once))
    random.shuffle(all_of_them)
    return all_of_them


def run(world: World, events: list[tuple[Mail, Said]]) -> Costs:
    costs = Costs()
    turns: list[Callable[[World, list[Batch], Costs], None]] = [ours, plain]
    size = max(BATCH, -(-len(events) // ROUNDS))
    for begin in range(0, len(events), size):
        batches = [*batched(events[begin : begin + size])]
        for turn in turns:
            turn(world, batches, costs)
        turns.reverse()
        if len(costs.ours) == ROUNDS // 2:
            world.split()
    count(world, costs, at_once=True)
    return costs


def batched(events: list[tuple[Mail, Said]]) -> Iterator[Batch]:
    for begin in range(0, len(events), BATCH):
        yield [record(body(mail, said), number) for number, (mail, said) in enumerate(events[begin : begin + BATCH])]


def ours(world: World, batches: list[Batch], costs: Costs) -> None:
    world.metered()
    seconds = 0.0
    for number, batch in enumerate(batches):
        seconds += world.feedback([world.filed(batch)] if number % 2 else batch)
        if number % COUNTED_EVERY == COUNTED_EVERY // 2:
            costs.asked += world.metered().requests
            count(world, costs)
    costs.asked += world.metered().requests
    costs.ours.append(seconds / sum(map(len, batches)))


def plain(world: World, batches: list[Batch], costs: Costs) -> None:
    world.metered()
    seconds = sum(world.plain(batch) for batch in batches)
    costs.asked_plain += world.metered().requests
    costs.plain.append(seconds / sum(map(len, batches)))


def count(world: World, costs: Costs, *, at_once: bool = False) -> None:
    costs.counting_seconds += world.count(at_once=at_once)
    costs.counting += world.metered().requests


def judged(world: World, sent: list[Mail]) -> Verdict:
    timelines = world.timelines()
    known = {mail.id: (expected.sent_at(mail), expected.timeline(mail)) for mail in sent}
    nothing: tuple[None, set[expected.Entry]] = (None, set())
    missing = sum(len(must - timelines.get(message, nothing)[1]) for message, (_, must) in known.items())
    unheard = expected.told(sent) - {heard(kind, detail) for kind, detail in world.dynamodb.told}
    return Verdict(
        lost=missing + len(unheard) + world.failed + len(world.dynamodb.sent),
        states=differing(timelines, known) + differing(world.recipients(), expected.recipients(sent)),
        counts=differing(+world.counters(), expected.counts(sent)),
    )


def heard(kind: str, detail: dict[str, Any]) -> tuple[str, str, str]:
    """As bench/feedback_expected.py has it."""
    if kind == "RecipientSuppressed":
        return kind, detail["recipient"], detail["scope"]
    return kind, detail["message"], detail["at"]


def differing(found: Any, wanted: Any) -> int:
    return sum(1 for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))


def report(events: int, seed: int, sent: list[Mail], costs: Costs, verdict: Verdict, seconds: float) -> None:
    print(f"{events} events of {len(sent)} mails, {REPEATED:.0%} of them repeats, in a random order (seed {seed})")
    print(f"  lost {verdict.lost}, wrong states {verdict.states}, wrong counts {verdict.counts}")
    print(f"  {kinds(sent)}")
    print(f"  an event, feedback: {each(costs.asked, events)}")
    print(f"  an event, plain:    {each(costs.asked_plain, events)}")
    print(f"  an event, counts:   {each(costs.counting, events)}; CPU {costs.counting_seconds / events * 1e6:.0f} µs")
    writes = costs.asked["writes"] + costs.asked["writes refused by their condition"]
    print(f"  writes an event: {writes / events:.3f} (aim: {WRITES} at most)")
    mine, other = statistics.median(costs.ours), statistics.median(costs.plain)
    ratio = statistics.median(one / two for one, two in zip(costs.ours, costs.plain, strict=True))
    print(
        f"  CPU an event: {mine * 1e6:.0f} µs, {1 / mine:.0f} events a second; plain {other * 1e6:.0f} µs, "
        f"{1 / other:.0f}; ratio {ratio:.2f} (aim: {CPU} at most), median of {len(costs.ours)} turns"
    )
    print(f"  {seconds:.0f} s in all", flush=True)


def kinds(sent: list[Mail]) -> str:
    found = Counter(said.kind for mail in sent for said in mail.said)
    return ", ".join(f"{number} {kind}" for kind, number in found.most_common())


def each(asked: Counter[str], events: int) -> str:
    return ", ".join(f"{number / events:.3f} {kind}" for kind, number in sorted(asked.items()))


if __name__ == "__main__":
    main()
