"""Where our recipients and SES's list differ, and who is right. Pure.

SES looks at a reason and not at a stream: each configuration set says which reasons stop its mail (infra/identity.py),
BOUNCE that of both streams, COMPLAINT marketing alone. So BOUNCE is our scope `all`, and COMPLAINT is `marketing`;
`transactional` alone SES cannot express.

    SES has it, we do not             taken over, unless an operator has lifted it here since: then taken off there
    we have it, SES does not          put there: what is for good and stops all mail, complaints about marketing
    SES has COMPLAINT, we have `all`  put there as BOUNCE
    SES has BOUNCE, we have a stream  taken over: no mail at all
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.shared.recipients import ALL, SES, Recipient, Suppression
from lambdas.suppression.ses_list import BOUNCE, COMPLAINT

if TYPE_CHECKING:
    from lambdas.suppression.ses_list import Entry

MARKETING = "marketing"
SCOPES = {BOUNCE: ALL, COMPLAINT: MARKETING}
COMPLAINED = f"SES#{COMPLAINT}#"
TAKE, LIFT, PUT = "take", "lift", "put"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`kind`: our recipient is to be suppressed ("take"), SES's entry to be removed ("lift"), or made ("put"). `reason`
    is SES's; `at` is since when the one who has it has it."""

    kind: str
    address: str
    reason: str
    at: str

    @property
    def suppression(self) -> Suppression:
        """What a "take" makes of SES's entry."""
        why = "bounce" if self.reason == BOUNCE else "complaint"
        return Suppression(
            scope=SCOPES[self.reason],
            reason=f"on SES's list ({why})",
            message_id="",
            evidence=f"SES#{self.reason}#{self.at}",
            at=self.at,
            by=SES,
        )


def from_ses(entry: Entry, ours: Recipient) -> Difference | None:
    """What SES's entry changes. A reason that SES has added since means nothing here."""
    scope = SCOPES.get(entry.reason)
    if scope is None or ours.for_good(scope):
        return None
    lifted = ours.lifted.get(scope, "") >= entry.at
    return Difference(kind=LIFT if lifted else TAKE, address=entry.address, reason=entry.reason, at=entry.at)


def to_ses(ours: Recipient, on_ses: str | None) -> Difference | None:
    """What has to be on SES's list; `on_ses` is the reason that is."""
    for suppression in ours.suppressions:
        reason = wanted(suppression)
        if reason and on_ses not in (reason, BOUNCE):
            return Difference(kind=PUT, address=ours.address, reason=reason, at=suppression.at)
    return None


def wanted(suppression: Suppression) -> str | None:
    """The reason under which SES is to have it. Of marketing only complaints: who has unsubscribed from ours may want
    the mail of another application in the account, which asks SES for both reasons."""
    if suppression.scope == ALL:
        return BOUNCE if suppression.until is None else None
    complained = suppression.evidence.startswith(("Complaint#", COMPLAINED))
    return COMPLAINT if suppression.scope == MARKETING and complained else None
