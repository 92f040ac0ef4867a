"""What an event means for its recipient. Pure.

Source of the bounces' and complaints' meanings: SES Developer Guide, "Amazon SNS notification contents for Amazon SES".
A subtype that is not named here means what its type means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.shared.recipients import ALL, FEEDBACK, UNSUBSCRIBE

if TYPE_CHECKING:
    from lambdas.shared.timeline import Happening

MARKETING = "marketing"  # what is stopped where it is not known which stream the mail was of
ABSENCE = ("Transient", "General")  # may be an out-of-office reply
NO_ADDRESS = ("Permanent", "NoEmail")  # SES could not read whose mailbox it was
# Permanent bounces that say less than that there is no such mailbox: a complaint about one stream may have put the
# address on a list of SES's, and who has left one of SES's contact lists has a mailbox.
OF_ONE_STREAM = {"OnAccountSuppressionList", "OnTenantSuppressionList", "UnsubscribedRecipient"}


@dataclass(frozen=True, kw_only=True)
class Stop:
    """No more mail of this scope."""

    scope: str
    reason: str
    by: str = FEEDBACK


@dataclass(frozen=True)
class SoftBounce:
    """One that counts; many stop the mail."""


Effect = Stop | SoftBounce | None


def effect(happening: Happening, stream: str | None) -> Effect:
    """`stream` is that of the mail, None for mail that is not ours."""
    return EFFECTS.get(happening.kind, nothing)(happening, stream or MARKETING)


def bounced(happening: Happening, stream: str) -> Effect:
    kind, subtype = happening.facts["type"], happening.facts["subtype"]
    if (kind, subtype) in {ABSENCE, NO_ADDRESS}:
        return None
    if kind != "Permanent":
        return SoftBounce()
    return Stop(scope=stream if subtype in OF_ONE_STREAM else ALL, reason=f"permanent bounce ({subtype})")


def complained(happening: Happening, stream: str) -> Effect:
    """The type `not-spam` is the opposite of a complaint."""
    kind = happening.facts.get("type", "no type given")
    return None if kind == "not-spam" else Stop(scope=stream, reason=f"complaint ({kind})")


def unsubscribed(happening: Happening, _stream: str) -> Effect:
    if happening.facts.get("unsubscribed") != "all":
        return None
    reason = f"unsubscribed from SES's contact list {happening.facts.get('list', '')}".strip()
    return Stop(scope=MARKETING, reason=reason, by=UNSUBSCRIBE)


def nothing(_happening: Happening, _stream: str) -> Effect:
    return None


EFFECTS: dict[str, Callable[[Happening, str], Effect]] = {
    "Bounce": bounced,
    "Complaint": complained,
    "Subscription": unsubscribed,
}
