"""DMARC records: what one asks for, whose holds for a domain, and what becomes of one that lacks something of ours.

RFC 9989 took the place of RFC 7489 in May 2026. Receivers of either are out there, so what a record says is what the
weaker of the two readings makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cli.dns.tags import begins_with, repeated, tags

if TYPE_CHECKING:
    from cli.dns.answer import Answer, LookUp

STRENGTHS = {"none": 0, "quarantine": 1, "reject": 2}
VERSION = begins_with("DMARC1")
MOST_LABELS = 8  # that a walk up the tree looks at (RFC 9989 section 4.10)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`policy` is what is asked for of mail that fails; `strength` what that comes to: a share in `pct` (RFC 7489
    section 6.6.4) and the test `t=y` (RFC 9989 section 4.7) leave the rest to the next weaker policy. `reports` are the
    addresses that aggregate reports go to, in small letters."""

    text: str
    policy: str
    strength: int
    reports: tuple[str, ...]


def records_of(answer: Answer) -> list[str]:
    """All others are none of DMARC's and are passed over (RFC 9989 section 4.10)."""
    return [text for text in answer.values if VERSION.match(text)]


def read(text: str, *, sub_domains: bool = False) -> Policy:
    """The policy for the record's own domain, or for those below it. One that is unknown, or is not there, is none
    (RFC 9989 section 4.7)."""
    said = {name: value.lower() for name, value in tags(text).items()}
    policy = said.get("sp", said.get("p", "none")) if sub_domains else said.get("p", "none")
    if policy not in STRENGTHS:
        policy = "none"
    weakened = said.get("t") == "y" or said.get("pct", "100") != "100"
    return Policy(
        text=text,
        policy=policy,
        strength=max(STRENGTHS[policy] - weakened, 0),
        reports=tuple(filter(None, (address(uri) for uri in said.get("rua", "").split(",")))),
    )


def address(uri: str) -> str:
    """`mailto:a@b!10m` as `a@b`: a size is no part of the address (RFC 7489 section 6.2)."""
    return uri.strip().lower().removeprefix("mailto:").partition("!")[0]


@dataclass(frozen=True, kw_only=True)
class Inherited:
    """The record of a domain above that holds for one without; or why nobody knows whether there is one."""

    domain: str
    policy: Policy | None = None
    failure: str = ""


def inherited(domain: str, look_up: LookUp) -> Inherited | None:
    """The organizational domain's: of those with a record the one with the fewest labels, and the first one that says
    that it is no public suffix (RFC 9989 section 4.10.2). A public suffix's own, such as of .bank, is left out."""
    found = None
    for parent in parents(domain):
        answer = look_up(f"_dmarc.{parent}", "TXT")
        if answer.failed:
            return Inherited(domain=parent, failure=answer.failure)
        texts = records_of(answer)
        suffix = tags(texts[0]).get("psd", "u").lower() if len(texts) == 1 else "y"
        if suffix != "y":
            found = Inherited(domain=parent, policy=read(texts[0], sub_domains=True))
        if suffix == "n":
            break
    return found


def parents(domain: str) -> list[str]:
    labels = domain.split(".")
    return [".".join(labels[at:]) for at in range(max(1, len(labels) - MOST_LABELS + 1), len(labels))]


def lacks(found: Policy, ours: Policy) -> list[str]:
    """What must change there for ours to hold."""
    short = []
    if found.strength < ours.strength:
        short.append(f"it asks receivers for less than p={ours.policy}")
    short += [f"reports do not go to {report}" for report in ours.reports if report not in found.reports]
    return short + [f"{name}= is there twice" for name in repeated(found.text)]


def merged(found: Policy, ours: Policy) -> str:
    """Theirs with what it lacks: the stronger policy, and reports to both."""
    said = {"v": "DMARC1", "p": ""} | tags(found.text) | {"p": found.policy}
    if found.strength < ours.strength:
        said["p"] = max(found.policy, ours.policy, key=lambda policy: STRENGTHS[policy])
        said = {name: value for name, value in said.items() if name not in ("pct", "t")}
    more = [f"mailto:{report}" for report in ours.reports if report not in found.reports]
    if more:
        said["rua"] = ",".join([*filter(None, [said.get("rua", "")]), *more])
    return "; ".join(f"{name}={value}" for name, value in said.items())


def as_own(inherited: Policy) -> Policy:
    """The same policy for a record of the sub-domain's own: its `p` is what was said of sub-domains."""
    kept = {name: value for name, value in tags(inherited.text).items() if name not in ("sp", "np", "psd")}
    text = "; ".join(f"{name}={value}" for name, value in (kept | {"p": inherited.policy}).items())
    return replace(inherited, text=text)
