"""What an SES event changes: its recipient first, then the world is told, and the message's timeline last.

What is told is told before it is written: the timeline's entry says that the event was dealt with. A repeat finds it
and does nothing; a crash before it is written makes the repeat do all of it again, which changes nothing that was done.
One thing cannot wait for the rest: any event says that SES took the mail, which keeps the outbox from sending it again.

    kind                          read            write
    Send                          a cheap one     only if it is not known yet that SES took the mail
    Delivery, DeliveryDelay,      none            one, the same on a repeat
    Reject, Rendering Failure
    Open, Click, any other kind   a cheap one     one, none on a repeat
    Bounce, Complaint,            one             one, none on a repeat; and the recipient's where it changes
    Subscription, what is told
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lambdas.feedback.effect import EFFECTS, Stop, effect
from lambdas.feedback.told import detail_type, mail_event
from lambdas.shared.messages import FOREIGN
from lambdas.shared.recipients import Recipients, SoftBounces, Suppression, canonical, suppressed_event
from lambdas.shared.timeline import SEND

if TYPE_CHECKING:
    from lambdas.feedback.ses_event import SesEvent
    from lambdas.shared.messages import Message, Messages
    from lambdas.shared.timeline import Happening

log = logging.getLogger(__name__)

ONCE_A_MAIL = {"Delivery", "DeliveryDelay", "Reject", "Rendering Failure"}  # or, of delays, a few; of SES's own making
KEPT = 25  # of what others may cause as often as they like: whoever knows a pixel's address could fill the item
RECIPIENTS_LENGTH = 5000  # characters; only mail of other applications has more than one


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """`announce` are the detail-types that go to the bus for every mail, besides those that always do."""

    messages: Messages
    recipients: Recipients
    emit: Callable[[str, dict[str, Any]], None]
    announce: frozenset[str]
    soft_bounces: SoftBounces

    def record(self, event: SesEvent) -> None:
        if event.by_mail:
            believed = self._believed(event)
            if not believed:
                return
            event = believed
        kind, told = event.happening.kind, detail_type(event, self.announce)
        if told or kind in EFFECTS:
            self._act(event, told)
        elif kind == SEND:
            if not self.messages.is_settled(id_of(event)):
                self.messages.taken(id_of(event), learned(event))
        elif kind in ONCE_A_MAIL:
            self.messages.happened(id_of(event), event.happening, learned(event))
        else:
            self._keep_some(event)

    def _act(self, event: SesEvent, told: str | None) -> None:
        known = self.messages.get(id_of(event))
        if known and any(seen.key == event.happening.key for seen in known.timeline):
            return
        event = completed(event, known)
        try:
            self._affect(event)
            if told:
                self.emit(told, mail_event(event, id_of(event)))
        except Exception:
            self.messages.taken(id_of(event), learned(event))
            raise
        self.messages.happened(id_of(event), event.happening, learned(event))

    def _affect(self, event: SesEvent) -> None:
        found = effect(event.happening, event.stream)
        for address in event.recipients if found else ():
            suppression = self._stop(address, event, found) if isinstance(found, Stop) else self._count(address, event)
            if suppression:
                self.emit("RecipientSuppressed", suppressed_event(address, suppression))

    def _stop(self, address: str, event: SesEvent, stop: Stop) -> Suppression | None:
        suppression = Suppression(
            scope=stop.scope,
            reason=stop.reason,
            message_id=id_of(event),
            evidence=event.happening.key,
            at=event.happening.at,
            by=stop.by,
        )
        return suppression if self.recipients.suppress(address, suppression) else None

    def _count(self, address: str, event: SesEvent) -> Suppression | None:
        return self.recipients.soft_bounce(
            address,
            message_id=id_of(event),
            evidence=event.happening.key,
            at=event.happening.at,
            limit=self.soft_bounces,
        )

    def _keep_some(self, event: SesEvent) -> None:
        """Of each sort the earliest, whatever order they come in."""
        known = self.messages.get(id_of(event), cheaply=True)
        alike = [seen for seen in known.timeline if sort(seen) == sort(event.happening)] if known else []
        if event.happening.key in {seen.key for seen in alike}:
            return
        ordered = sorted([*alike, event.happening], key=lambda happening: (happening.at, happening.key))
        if event.happening in ordered[:KEPT]:
            gone = [happening.key for happening in ordered[KEPT:]]
            self.messages.happened(id_of(event), event.happening, learned(event), gone)

    def _believed(self, event: SesEvent) -> SesEvent | None:
        """What a report that came as mail says, if it proves that it has seen the mail, by the id that SES gave it, and
        is about one whom the mail went to. So nobody can have another's mail stopped. Of one mail some are enough."""
        known = self.messages.get(id_of(event))
        reported = {canonical(address) for address in event.recipients}
        ours = [address for address in known.recipient.split(", ") if canonical(address) in reported] if known else []
        before = [seen for seen in known.timeline if seen.facts.get("reported_by") == "mail"] if known else []
        if not (known and known.sent_at and known.ses_id == event.ses_id and ours and len(before) < KEPT):
            log.info("not believed", extra={"id": id_of(event), "known": known is not None})
            return None
        return replace(event, taken_at=known.sent_at, destination=tuple(ours), recipients=tuple(ours))


def id_of(event: SesEvent) -> str:
    """The message's id: ours, or one of SES's for mail that another application sent."""
    return event.message_id or f"ses-{event.ses_id}"


def sort(happening: Happening) -> tuple[str, bool]:
    """What scanners do is kept apart from what people do (SES's isBotEvent)."""
    return happening.kind, happening.facts.get("bot") == "Likely"


def completed(event: SesEvent, known: Message | None) -> SesEvent:
    """With what is known of a mail of ours, where the event has no tags that say it."""
    if event.stream or not known or known.stream == FOREIGN:
        return event
    return replace(event, stream=known.stream or None, template=known.template or None, ticket=known.ticket)


def learned(event: SesEvent) -> dict[str, str]:
    """What each event of a mail tells alike. All that is known of mail that is not ours is known by this."""
    taken = {"ses_id": event.ses_id, "sent_at": event.taken_at}
    if event.message_id:
        return taken
    return taken | {
        "stream": FOREIGN,
        "recipient": ", ".join(event.destination)[:RECIPIENTS_LENGTH],
        "from_domain": event.from_domain,
        "created_at": event.taken_at,
        "day": event.taken_at[:10],
    }
