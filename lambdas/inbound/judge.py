"""What may become a ticket, and what may be answered by itself. Pure."""

import re

from lambdas.inbound.notification import Received
from lambdas.shared.mail.mail import Mail
from lambdas.shared.recipients import canonical

# Words that, as a local part or at its edge, mark an address nobody reads (RFC 3834 section 2; RFC 5230 section 4.6).
UNATTENDED = ("mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply", "owner-", "-request")
# Whom SendMail takes as a recipient (docs/events/SendMail.json).
ADDRESS, ADDRESS_LENGTH = re.compile(r'[^@\s<>,;"]+@[^@\s<>,;"]+'), 320


def set_aside(received: Received, mail: Mail) -> tuple[str, str] | None:
    """The outcome and its reason for a mail that becomes no ticket; None for one that does.

    An auto-reply may still belong to a ticket: the caller looks for it first.
    """
    if received.virus == "FAIL":
        return "quarantined", "SES found a virus"
    if received.spam == "FAIL":
        return "spam", "SES takes it for spam"
    if mail.kind in {"bounce", "delay", "complaint", "auto-reply"}:
        return mail.kind, "; ".join(mail.reasons)
    return None


def flags(received: Received) -> tuple[str, ...]:
    """What a reader of the message should know. Only PASS says that a check was passed."""
    failed = received.dmarc == "FAIL"
    doubts = {
        "sender not authenticated (DMARC failed)": failed,
        "sender not authenticated": not failed and not received.authenticated,
        "not checked for viruses": received.virus != "PASS",
        "not checked for spam": received.spam not in {"PASS", "GRAY"},
        "may be spam": received.spam == "GRAY",
    }
    return tuple(doubt for doubt, holds in doubts.items() if holds)


def may_be_answered(received: Received, mail: Mail, own: set[str]) -> bool:
    """Whether an automatic answer to the envelope's sender is allowed: RFC 3834 section 2, and never to one who may
    not have sent the mail, lest we carry a forger's post to their victims."""
    source = received.source.lower()
    local = source.partition("@")[0]
    return (
        mail.kind == "mail"
        and received.spam == "PASS"
        and ADDRESS.fullmatch(source) is not None
        and len(source) <= ADDRESS_LENGTH
        and source_is_real(received, mail)
        and not own & {source, canonical(mail.sender.email) if mail.sender else ""}
        and not any(word in local for word in UNATTENDED)
        and mail.header("Precedence") is None
        and mail.header("X-Auto-Response-Suppress") is None
    )


def source_is_real(received: Received, mail: Mail) -> bool:
    """SPF speaks for the envelope's domain (RFC 7208 section 2.4), DMARC for that of From (RFC 7489 section 3.1)."""
    authors = mail.sender.email.rpartition("@")[2].lower() if mail.sender else ""
    same = received.source.lower().endswith(f"@{authors}") and bool(authors)
    return received.spf == "PASS" or (received.dmarc == "PASS" and same)
