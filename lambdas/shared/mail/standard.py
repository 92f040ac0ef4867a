"""Failed deliveries told in the standard form, RFC 3464."""

from lambdas.shared.mail import dsn, limits
from lambdas.shared.mail.mail import Bounced
from lambdas.shared.mail.parts import Part
from lambdas.shared.mail.reports import Report

_DELIVERED = ("delivered", "relayed", "expanded")


def read(raw: bytes, root: Part) -> Report | None:
    """What the delivery status parts say; None where there are none with a recipient."""
    found: dict[str, tuple[str, Bounced]] = {}
    for part in dsn.find(root, dsn.DELIVERY):
        for action, bounced in dsn.recipients(raw, part):
            found.setdefault(bounced.recipient.lower(), (action, bounced))
            if len(found) >= limits.BOUNCES:
                break
    if not found:
        return None
    failed = tuple(bounced for action, bounced in found.values() if action not in (*_DELIVERED, "delayed"))
    if failed:
        return Report(kind="bounce", reasons=("delivery status: failed",), bounces=failed)
    delayed = tuple(bounced for action, bounced in found.values() if action == "delayed")
    if delayed:
        return Report(kind="delay", reasons=("delivery status: delayed",), bounces=delayed)
    return Report(kind="auto-reply", reasons=("delivery status: delivered",))
