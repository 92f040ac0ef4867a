"""SES's notification that a mail was received, as its receipt rule's S3 action publishes it.

Source: SES Developer Guide, "Contents of notifications for Amazon SES email receiving".
"""

from dataclasses import dataclass
from typing import Any

from lambdas.shared.queue import Rejected

# SES writes this object when a rule with an S3 action is made, to see that it may; it is no mail.
SETUP = "AMAZON_SES_SETUP_NOTIFICATION"


@dataclass(frozen=True, kw_only=True)
class Received:
    """A mail in the bucket. `recipients` are the envelope's, as far as our rule matched them; `source` is the
    envelope's sender, empty for a bounce. A verdict is PASS, FAIL, GRAY, PROCESSING_FAILED or DISABLED."""

    ses_id: str
    at: str
    source: str
    recipients: tuple[str, ...]
    raw_key: str
    spam: str
    virus: str
    dmarc: str


def received(notification: dict[str, Any]) -> Received | None:
    """The mail that a notification is about; None for SES's own set-up test."""
    try:
        receipt, mail = notification["receipt"], notification["mail"]
        if mail["messageId"] == SETUP:
            return None
        return Received(
            ses_id=mail["messageId"],
            at=receipt["timestamp"],
            source=mail["source"].strip("<>"),
            recipients=tuple(receipt["recipients"]),
            raw_key=receipt["action"]["objectKey"],
            spam=receipt["spamVerdict"]["status"],
            virus=receipt["virusVerdict"]["status"],
            dmarc=receipt["dmarcVerdict"]["status"],
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise Rejected(f"no notification of a received mail: {type(error).__name__} {error}") from None
