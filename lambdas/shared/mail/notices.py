"""Failed deliveries that a server tells in plain text only: who failed, and why, as far as the text says it."""

import re

from lambdas.shared.mail import dsn, limits, notice_phrases, notice_recipients, notice_signs, parts, standard
from lambdas.shared.mail.mail import Bounced
from lambdas.shared.mail.parts import Part
from lambdas.shared.mail.reports import Report

_DELAY = re.compile(r"\(delay\)\s*$|^delivery delayed\b", re.IGNORECASE)  # Gmail's subject, and Exchange's
_STATUS = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d]|\.\d)")
_REPLY = re.compile(r"(?<![\d.])[45]\d\d[ -][#'\"]?([45]\.\d{1,3}\.\d{1,3})(?![\d]|\.\d)")


def read(raw: bytes, root: Part, text: str) -> Report | None:
    """The failure that a notice tells; None where the mail is no notice."""
    text = text[: limits.REPORT]
    reasons = notice_signs.find(root, text)
    if reasons is None:
        return None
    if enclosed := _enclosed(raw, root, text):
        return enclosed
    return _told(raw, root, text, reasons) if _is_about_mail(root, text) else None


def _is_about_mail(root: Part, text: str) -> bool:
    """Whether a notice is a mail server's: by its name, or because it names whose mail failed, or gives the mail back.

    A parcel that "could not be delivered" has all the words of an automatic notice, and neither.
    """
    if notice_signs.by_server(root.fields) or root.fields.raw("X-Failed-Recipients"):
        return True
    notice = notice_signs.own_words(text)
    return (
        len(notice) < len(text)
        or bool(dsn.find(root, dsn.RETURNED + dsn.DELIVERY))
        or (root.fields.raw("Return-Path") or "").strip() == "<>"
        or notice_recipients.names_any(root.fields, notice)
    )


def _enclosed(raw: bytes, root: Part, text: str) -> Report | None:
    """A standard report inside the notice: gateways make one text of its parts, or enclose the whole."""
    if "final-recipient:" in text.lower():
        return standard.report(dsn.recipients(dsn.flattened(text)))
    for part in dsn.find(root, ("message/rfc822",))[:1]:
        inner = raw[part.start : min(part.end, part.start + limits.ENCLOSED)]
        return standard.read(inner, parts.read(inner).root, text)
    return None


def _told(raw: bytes, root: Part, text: str, reasons: tuple[str, ...]) -> Report:
    """What the server says in its own words."""
    notice = notice_signs.own_words(text)
    subject = root.fields.text("Subject") or ""
    # What stands behind a colon is the subject of the mail.
    said = f"{subject.partition(': ')[0]}\n{notice}".lower()
    delayed = _DELAY.search(subject) is not None or (
        notice_signs.phrase(notice_phrases.DELAYED, said) is not None
        and notice_signs.phrase(notice_phrases.FINAL, notice.lower()) is None
    )
    found = notice_recipients.find(raw, root, text, notice)
    bounces = tuple(
        Bounced(recipient=recipient, status=_status(said) or _status(notice), permanent=not delayed, diagnostic=said)
        for recipient, said in list(found.items())[: limits.BOUNCES]
    )
    return Report(kind="delay" if delayed else "bounce", reasons=reasons, bounces=bounces)


def _status(said: str) -> str:
    """The enhanced status code (RFC 3463) in a server's answer, else any in the text."""
    found = _REPLY.search(said)
    if found:
        return found[1]
    alone = _STATUS.search(said)
    return alone[0] if alone else ""
