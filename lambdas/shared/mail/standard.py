"""Failed deliveries told in the standard form, RFC 3464."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from lambdas.shared.mail import dsn, limits
from lambdas.shared.mail.mail import Bounced
from lambdas.shared.mail.parts import Part
from lambdas.shared.mail.reports import Report

# "deliverable" is Postfix's, in answer to `sendmail -bv`.
_DELIVERED = ("delivered", "relayed", "expanded", "deliverable")


def read(raw: bytes, root: Part, text: str) -> Report | None:
    """What the delivery status parts say; None where there are none with a recipient. `text` is what the mail shows."""
    parts = dsn.find(root, dsn.DELIVERY)
    found = report(found for part in parts for found in dsn.recipients(dsn.groups(raw, part)))
    if found is None or len(found.bounces) != 1:
        return found
    [bounced] = found.bounces
    if not bounced.diagnostic.lower().startswith("x-unix"):
        return found
    # The exit status of a program that Sendmail ran: it makes 5.0.0 of that, and what it means is in its transcript.
    return replace(found, bounces=(replace(bounced, status=dsn.said_more(bounced.status, text)),))


def report(recipients: Iterable[tuple[str, Bounced]]) -> Report | None:
    """The report of (action, recipient) pairs: a failure outweighs a delay, a delay a delivery."""
    found: dict[str, tuple[str, Bounced]] = {}
    for action, bounced in islice(recipients, limits.BOUNCES):
        found.setdefault(bounced.recipient.lower(), (action, bounced))
    if not found:
        return None
    bounces = tuple(bounced for action, bounced in found.values() if action not in _DELIVERED)
    if any(bounced.permanent for bounced in bounces):
        return Report(kind="bounce", reasons=("delivery status: failed",), bounces=bounces)
    if bounces:
        return Report(kind="delay", reasons=("delivery status: delayed",), bounces=bounces)
    return Report(kind="auto-reply", reasons=("delivery status: delivered",))
