"""What SES's events make of a message. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

SEND = "Send"


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One SES event of a message. `key` names it within the message; `kind` is SES's eventType."""

    key: str
    kind: str
    at: str
    facts: dict[str, str] = field(default_factory=dict)


def timeline(events: list[Happening], sent_at: str | None) -> tuple[Happening, ...]:
    """A message's events in the order of their times. That SES took it is one of them, whoever said so: its Send event
    is not kept where the outbox, or another event, has said it."""
    if sent_at and SEND not in {seen.kind for seen in events}:
        events = [Happening(key=SEND, kind=SEND, at=sent_at), *events]
    return tuple(sorted(events, key=lambda happening: (happening.at, happening.key)))


# The most telling first. A bounce without a reason (Transient/General) may be an out-of-office reply after the delivery
# (SES, notification contents), so a delivery outweighs that one.
def status(state: str, timeline: tuple[Happening, ...]) -> str:
    """What a message's events make of it; without any, what the outbox knows."""
    kinds = {happening.kind for happening in timeline}
    bounces = [happening.facts for happening in timeline if happening.kind == "Bounce"]
    real = [facts for facts in bounces if (facts.get("type"), facts.get("subtype")) != ("Transient", "General")]
    complained = any(h.kind == "Complaint" and h.facts.get("type") != "not-spam" for h in timeline)
    ranked = (
        ("complained", complained),
        ("bounced", bool(real)),
        ("delivered", bool(kinds & {"Delivery", "Open", "Click"})),
        ("bounced", bool(bounces)),
        ("rejected", "Reject" in kinds),
        ("rendering failed", "Rendering Failure" in kinds),
        ("delayed", "DeliveryDelay" in kinds),
        ("sent", SEND in kinds),
    )
    return next((name for name, holds in ranked if holds), state)
