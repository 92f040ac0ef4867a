"""What may become a ticket, and what may be answered by itself. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambdas.inbound.thread import without_detail
from lambdas.shared.recipients import canonical

if TYPE_CHECKING:
    from collections.abc import Collection

    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail
    from lambdas.shared.tickets.ticket import Mailbox

# Words that, as a local part or at its edge, mark an address nobody reads (RFC 3834 section 2; RFC 5230 section 4.6).
UNATTENDED = ("mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply", "owner-", "-request")
AUTOMATIC = ("Precedence", "X-Auto-Response-Suppress")  # where a mail has one of these, a program sent or forbids it
# Whom SendMail takes as a recipient (docs/events/SendMail.json).
ADDRESS, ADDRESS_LENGTH = re.compile(r'[^@\s<>,;"]+@[^@\s<>,;"]+'), 320


def unwanted(received: Received, mailbox: Mailbox) -> tuple[str, str] | None:
    """The outcome and its reason for a mail that becomes no ticket whatever it says; None for any other."""
    if received.virus == "FAIL":
        return "quarantined", "SES found a virus"
    if received.spam == "FAIL" and mailbox.spam == "aside":
        return "spam", "SES takes it for spam"
    return None


def flags(received: Received) -> tuple[str, ...]:
    """What a reader of the message should know. Only PASS says that a check was passed."""
    failed = received.dmarc == "FAIL"
    doubts = {
        "sender not authenticated (DMARC failed)": failed,
        "sender not authenticated": not failed and not received.authenticated,
        "not checked for viruses": received.virus != "PASS",
        "not checked for spam": received.spam not in {"PASS", "GRAY", "FAIL"},
        "may be spam": received.spam == "GRAY",
        "taken for spam by SES": received.spam == "FAIL" or received.released == "spam",
        "SES found a virus in it; released from quarantine": received.released == "quarantined",
    }
    return tuple(doubt for doubt, holds in doubts.items() if holds)


def may_be_answered(received: Received, mail: Mail, own: Collection[str], mailboxes: Collection[str]) -> bool:
    """Whether an automatic answer to the envelope's sender is allowed: RFC 3834 section 2, and never to one who may
    not have sent the mail, lest we carry a forger's post to their victims. `own` are all addresses that we write from,
    `mailboxes` those that are read."""
    source = received.source.lower()
    local = source.partition("@")[0]
    return (
        mail.kind == "mail"
        and received.spam == "PASS"
        and ADDRESS.fullmatch(source) is not None
        and len(source) <= ADDRESS_LENGTH
        and source_is_real(received, mail)
        and names(mail, mailboxes)
        and not set(own) & {source, canonical(mail.sender.email) if mail.sender else ""}
        and not any(word in local for word in UNATTENDED)
        and not any(mail.header(name) is not None for name in AUTOMATIC)
    )


def names(mail: Mail, mailboxes: Collection[str]) -> bool:
    """Whether a mailbox is in To or Cc. A mail that came by a list, an alias or as Bcc is answered by nobody (RFC 3834
    section 2)."""
    return any(without_detail(canonical(address.email)) in mailboxes for address in (*mail.to, *mail.cc))


def source_is_real(received: Received, mail: Mail) -> bool:
    """SPF speaks for the envelope's domain (RFC 7208 section 2.4), DMARC for that of From (RFC 7489 section 3.1)."""
    authors = mail.sender.email.rpartition("@")[2].lower() if mail.sender else ""
    same = received.source.lower().endswith(f"@{authors}") and bool(authors)
    return received.spf == "PASS" or (received.dmarc == "PASS" and same)
