"""What is wrong with the account's SES, of what no metric of AWS tells. Pure: answers of SES in, figures out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.shared.metrics import COUNT, PERCENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_sesv2.type_defs import GetAccountResponseTypeDef, GetEmailIdentityResponseTypeDef

# SES finds records that were there no more; PENDING is a new identity, whose records it has not found yet (API v2,
# DkimAttributes, MailFromAttributes).
LOST = {"FAILED", "TEMPORARY_FAILURE", "NOT_STARTED", "MISSING"}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the account and the stage's identities stand with SES.

    `dkim` and `mail_from` have, by identity, SES's words for their verification, MISSING where there is nothing to
    verify; an address has no MAIL FROM. `active` is the active rule set's name, `ours` our own's; both are empty where
    the stage receives nothing.
    """

    sent: float
    quota: float
    enforcement: str
    sending: bool
    dkim: Mapping[str, str]
    mail_from: Mapping[str, str]
    active: str
    ours: str

    @classmethod
    def read(
        cls,
        account: GetAccountResponseTypeDef,
        identities: Mapping[str, GetEmailIdentityResponseTypeDef | None],
        *,
        active: str,
        ours: str,
    ) -> Standing:
        """An identity is None where SES has it no more."""
        quota = account.get("SendQuota", {})
        return cls(
            sent=quota.get("SentLast24Hours", 0),
            quota=quota.get("Max24HourSend", 0),
            enforcement=account.get("EnforcementStatus", ""),
            sending=account.get("SendingEnabled", False),
            dkim={name: _dkim(found, domain="@" not in name) for name, found in identities.items()},
            mail_from={name: _mail_from(found) for name, found in identities.items() if "@" not in name},
            active=active,
            ours=ours,
        )

    @property
    def figures(self) -> dict[str, tuple[float, str]]:
        """QuotaUsed always; the others, each a 1, while there is something wrong."""
        wrong = {
            "SendingRestricted": self.enforcement != "HEALTHY" or not self.sending,
            "RuleSetLost": self.active != self.ours,
            "DkimLost": bool(LOST & {*self.dkim.values()}),
            "MailFromLost": bool(LOST & {*self.mail_from.values()}),
        }
        used = 100 * self.sent / self.quota if self.quota > 0 else 0  # -1 is no limit
        return {"QuotaUsed": (used, PERCENT), **{name: (1, COUNT) for name, holds in wrong.items() if holds}}

    @property
    def facts(self) -> dict[str, str | float]:
        """What the figures rest on."""
        return {
            "sent_last_24_hours": self.sent,
            "most_in_24_hours": self.quota,
            "enforcement": self.enforcement,
            "sending": "enabled" if self.sending else "disabled",
            "dkim": _told(self.dkim),
            "mail_from": _told(self.mail_from),
            "active_rule_set": self.active,
        }


def _dkim(identity: GetEmailIdentityResponseTypeDef | None, *, domain: bool) -> str:
    """An address is verified by a link, and its domain's DKIM is not ours."""
    if identity is None:
        return "MISSING"
    if not domain:
        return identity.get("VerificationStatus", "MISSING")
    dkim = identity.get("DkimAttributes", {})
    return dkim.get("Status", "MISSING") if dkim.get("SigningEnabled") else "MISSING"


def _told(states: Mapping[str, str]) -> str:
    """The word of each: `acme.com SUCCESS, news.acme.com FAILED`."""
    return ", ".join(f"{name} {state}" for name, state in states.items())


def _mail_from(identity: GetEmailIdentityResponseTypeDef | None) -> str:
    attributes = identity.get("MailFromAttributes") if identity else None
    return attributes["MailFromDomainStatus"] if attributes and attributes["MailFromDomain"] else "MISSING"
