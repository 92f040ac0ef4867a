"""What kind of mail a mail is, and why."""

from lambdas.shared.mail import bounces, dsn
from lambdas.shared.mail.bounces import Report
from lambdas.shared.mail.fields import Fields
from lambdas.shared.mail.parts import Part


def classify(raw: bytes, root: Part) -> Report:
    return (
        _complaint(raw, root)
        or bounces.standard(raw, root)
        or _automatic(root)
        or _list(root.fields)
        or Report(kind="mail", reasons=())
    )


def _complaint(raw: bytes, root: Part) -> Report | None:
    """A feedback report (RFC 5965)."""
    for part in dsn.find(root, dsn.FEEDBACK):
        for group in dsn.groups(raw, part):
            kind = group.token("Feedback-Type")
            if kind:
                return Report(kind="complaint", reasons=(f"Feedback-Type: {kind}",))
    return None


def _automatic(root: Part) -> Report | None:
    submitted = root.fields.token("Auto-Submitted")
    if submitted and submitted != "no":
        return Report(kind="auto-reply", reasons=(f"Auto-Submitted: {submitted}",))
    return None


def _list(header: Fields) -> Report | None:
    if header.raw("List-Id"):
        return Report(kind="list", reasons=("List-Id",))
    return None
