"""What a mail that reports a failed delivery says about whom."""

from dataclasses import dataclass

from lambdas.shared.mail import dsn
from lambdas.shared.mail.mail import Bounced
from lambdas.shared.mail.parts import Part


@dataclass(frozen=True, kw_only=True)
class Report:
    kind: str
    reasons: tuple[str, ...]
    bounces: tuple[Bounced, ...] = ()


def standard(raw: bytes, root: Part) -> Report | None:
    """A report in the form of RFC 3464; None where the mail is none."""
    found: dict[str, tuple[str, Bounced]] = {}
    parts = dsn.find(root, dsn.DELIVERY)
    for part in parts:
        for action, bounced in dsn.recipients(raw, part):
            found.setdefault(bounced.recipient.lower(), (action, bounced))
    if not found:
        return None
    failed = [
        bounced for action, bounced in found.values() if action not in ("delayed", "delivered", "relayed", "expanded")
    ]
    if failed:
        return Report(kind="bounce", reasons=("delivery status: failed",), bounces=tuple(failed))
    delayed = [bounced for action, bounced in found.values() if action == "delayed"]
    if delayed:
        return Report(kind="delay", reasons=("delivery status: delayed",), bounces=tuple(delayed))
    return Report(kind="auto-reply", reasons=("delivery status: no failure",))
