"""Delivery status notifications (RFC 3464) and other reports that machines fill in field by field."""

import re
from collections.abc import Iterator

from lambdas.shared.mail import bodies, fields, limits, parts, words
from lambdas.shared.mail.fields import Fields
from lambdas.shared.mail.mail import Bounced
from lambdas.shared.mail.parts import Part

DELIVERY = ("message/delivery-status", "message/global-delivery-status")
FEEDBACK = ("message/feedback-report",)
DISPOSITION = ("message/disposition-notification", "message/global-disposition-notification")
RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ANSWERED = re.compile(r"\b[45]\d\d[ -]#?([245]\.\d{1,3}\.\d{1,3})\b")  # reply code and status, RFC 2034
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")


def find(root: Part, content_types: tuple[str, ...]) -> list[Part]:
    """The parts of these types, in their order."""
    return [part for part in parts.walk(root) if part.content_type in content_types]


def groups(raw: bytes, part: Part) -> Iterator[Fields]:
    """The groups of fields in a report: about the message first, then one for each recipient."""
    return _groups(bodies.content(raw, part)[: limits.REPORT])


def flattened(text: str) -> Iterator[Fields]:
    """The same groups where a program on the way made one text of all parts."""
    return _groups(text[: limits.REPORT].encode("utf-8", "replace"))


def _groups(content: bytes) -> Iterator[Fields]:
    for block in _BLANK.split(content):
        stripped = block.strip(b"\r\n")
        header, _ = fields.read(stripped, 0, len(stripped))
        if header.items:
            yield header


def recipients(groups: Iterator[Fields]) -> Iterator[tuple[str, Bounced]]:
    """(action, recipient) of each recipient group."""
    for group in groups:
        # Programs that do not know it write the first with nothing behind its type.
        named = (address(group.text(name) or "") for name in ("Original-Recipient", "Final-Recipient"))
        recipient = next((one for one in named if one), None)
        if recipient is None:
            continue
        action = group.token("Action").split(" ")[0]
        diagnostic = " ".join((group.text("Diagnostic-Code") or "").split())
        yield (
            action,
            Bounced(
                recipient=recipient,
                status=status(group.text("Status") or "", diagnostic),
                permanent=action != "delayed",
                diagnostic=diagnostic,
            ),
        )


def address(written: str) -> str:
    """`rfc822; <user@example.org>` -> user@example.org"""
    return words.decode(written).rpartition(";")[2].strip().strip("<>\"' ")


def said_more(status: str, text: str) -> str:
    """A status that only gives a class (x.0.0), or the last of that class that a server answered in the text."""
    if not status.endswith(".0.0"):
        return status
    answers = (found[1] for found in _ANSWERED.finditer(text[: limits.REPORT]))
    said = [answer for answer in answers if answer[0] == status[0] and not answer.endswith(".0.0")]
    return said[-1] if said else status


def status(field: str, diagnostic: str) -> str:
    """The status that says most: the remote server's own answer, unless it only gives a class (x.0.0).

    The field is the reporting server's reading of that answer: 4.4.7, "expired", for whatever lasted too long.
    """
    given = _STATUS.search(field)
    answered = _ANSWERED.search(diagnostic)
    if answered and not answered[1].endswith(".0.0"):
        return answered[1]
    said = _STATUS.search(diagnostic)
    if given and (not given[0].endswith(".0.0") or not said):
        return given[0]
    return said[0] if said else ""
