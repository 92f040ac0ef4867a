"""SES's notification that a mail was received, as its receipt rule's S3 action publishes it.

Source: SES Developer Guide, "Contents of notifications for Amazon SES email receiving".
"""

from dataclasses import dataclass
from typing import Any

from lambdas.shared.queue import Rejected

# SES writes this object when a rule with an S3 action is made, to see that it may; it is no mail.
SETUP = "AMAZON_SES_SETUP_NOTIFICATION"
KINDS = ("spam", "virus", "spf", "dkim", "dmarc")


@dataclass(frozen=True, kw_only=True)
class Received:
    """A mail in the bucket. `recipients` are the envelope's, as far as our rule matched them; `source` is the
    envelope's sender, empty for a bounce. A verdict is PASS, FAIL, GRAY, PROCESSING_FAILED or DISABLED, which stands
    for one that SES does not give, too: what was not checked has not passed. `released` is the outcome that kept it
    from being a ticket, where somebody has decided otherwise."""

    ses_id: str
    at: str
    source: str
    recipients: tuple[str, ...]
    raw_key: str
    spam: str
    virus: str
    spf: str
    dkim: str
    dmarc: str
    released: str = ""

    @property
    def authenticated(self) -> bool:
        """Whether the sender is who it says. A domain without a DMARC policy has its SPF or DKIM for it; only PASS
        says that a check was passed (GRAY is: nothing to check by)."""
        return self.dmarc == "PASS" or (self.dmarc != "FAIL" and "PASS" in (self.spf, self.dkim))


def received(notification: dict[str, Any]) -> Received | None:
    """The mail that a notification is about; None for SES's own set-up test."""
    try:
        receipt, mail = notification["receipt"], notification["mail"]
        if mail["messageId"] == SETUP:
            return None
        return Received(
            ses_id=mail["messageId"],
            at=receipt["timestamp"],
            source=(mail.get("source") or "").strip("<> "),
            recipients=tuple(receipt["recipients"]),
            raw_key=receipt["action"]["objectKey"],
            **{kind: receipt.get(f"{kind}Verdict", {}).get("status", "DISABLED") for kind in KINDS},
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise Rejected(f"no notification of a received mail: {type(error).__name__} {error}") from None
