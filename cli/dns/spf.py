"""How a domain's SPF is evaluated: what it includes, and how many look-ups that takes (RFC 7208 section 4.6.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cli.dns.spf_terms import Directive, is_spf, terms

if TYPE_CHECKING:
    from cli.dns.answer import Answer, LookUp

MOST_LOOK_UPS, MOST_VOID, MOST_EXCHANGERS = 10, 2, 10
# Enough to say by how much a record is over, and few for one that somebody else made endless.
FOLLOWED = 40
COUNTED = ("include", "a", "mx", "ptr", "exists")


@dataclass(frozen=True, kw_only=True)
class Walk:
    """`look_ups` counts what RFC 7208 limits, `void` those of them that found nothing. Each of `faults` makes receivers
    answer permerror; `unasked` are look-ups that failed, whose own part is not counted. `passes` names the domains
    whose mail servers pass: those included without a qualifier, or led to by a redirect, all the way down."""

    look_ups: int
    void: int
    faults: tuple[str, ...]
    unasked: tuple[str, ...]
    passes: frozenset[str]

    @property
    def over(self) -> str | None:
        """Which limit is passed, and by how much."""
        if self.look_ups > MOST_LOOK_UPS:
            count = f"{self.look_ups}{' or more' if self.look_ups >= FOLLOWED else ''}"
            return f"takes {count} look-ups, and receivers give up after {MOST_LOOK_UPS} (RFC 7208 section 4.6.4)"
        if self.void > MOST_VOID:
            return f"takes {self.void} look-ups that find nothing, and {MOST_VOID} may (RFC 7208 section 4.6.4)"
        return None


def walk(domain: str, record: str, look_up: LookUp) -> Walk:
    """Of the SPF record that `domain` has."""
    walker = _Walker(look_up)
    walker.record(record, (domain.lower(),), passing=True)
    return Walk(
        look_ups=walker.look_ups,
        void=walker.void,
        faults=tuple(dict.fromkeys(walker.faults)),
        unasked=tuple(dict.fromkeys(walker.unasked)),
        passes=frozenset(walker.passes),
    )


def records_of(answer: Answer) -> list[str]:
    return [text for text in answer.values if is_spf(text)]


@dataclass
class _Walker:
    """`path` is the domain that is being read, after all those that led to it."""

    look_up: LookUp
    look_ups: int = 0
    void: int = 0
    faults: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    passes: set[str] = field(default_factory=set)

    def record(self, text: str, path: tuple[str, ...], *, passing: bool) -> None:
        read = terms(text)
        self.faults += [f"{path[-1]}: {fault}" for fault in read.faults]
        for directive in read.directives:
            if directive.mechanism in COUNTED and self.look_ups < FOLLOWED:
                self.look_ups += 1
                self.mechanism(directive, path, passing=passing and directive.qualifier == "+")
        if read.redirect and self.look_ups < FOLLOWED:
            self.look_ups += 1
            self.policy(read.redirect, path, passing=passing)

    def mechanism(self, directive: Directive, path: tuple[str, ...], *, passing: bool) -> None:
        name = directive.domain.lower().rstrip(".") or path[-1]
        match directive.mechanism:
            case "include":
                self.policy(name, path, passing=passing)
            case "ptr":
                pass  # looks up the sender's own address, not this name
            case _ if "%" in name:
                pass  # a macro: what is looked up depends on who sends
            case "a":
                self.ask(name, "A", "AAAA")
            case "exists":
                self.ask(name, "A")
            case "mx":
                self.exchangers(name, path)

    def policy(self, domain: str, path: tuple[str, ...], *, passing: bool) -> None:
        name = domain.lower().rstrip(".")
        if "%" in name:
            return
        if name in path:
            self.faults.append(f"{path[-1]}: leads back to {name}")
            return
        self.passes |= {name} if passing else set()
        answer = self.ask(name, "TXT")
        found = records_of(answer)
        if len(found) == 1:
            self.record(found[0], (*path, name), passing=passing)
        elif not answer.failed:
            many = "more than one SPF record" if found else "no SPF record"
            self.faults.append(f"{path[-1]}: {name} has {many}")

    def ask(self, name: str, *types: str) -> Answer:
        """The answer for the first of the types that there is one for, or for the last."""
        answers = []
        for kind in types:
            answers.append(self.look_up(name, kind))
            if answers[-1].values or answers[-1].failed:
                break
        if answers[-1].failed:
            self.unasked.append(f"{kind} of {name}: {answers[-1].failure}")
        elif not answers[-1].values:
            self.void += 1
        return answers[-1]

    def exchangers(self, name: str, path: tuple[str, ...]) -> None:
        if len(self.ask(name, "MX").values) > MOST_EXCHANGERS:
            self.faults.append(f"{path[-1]}: {name} has more than {MOST_EXCHANGERS} MX records")
