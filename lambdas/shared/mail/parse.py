"""Bytes of a received mail to a Mail. Pure: no AWS, no clock, no environment."""

import email.utils
import re
from datetime import UTC

from lambdas.shared.mail import addresses, bodies, classify, limits, new_text, originals, parts, protection
from lambdas.shared.mail.fields import Fields
from lambdas.shared.mail.mail import Address, Mail, Unreadable
from lambdas.shared.mail.parts import Part

_ID = re.compile(r"<([^<>\s]{1,998})>")
# What servers on the way write, and nobody who sends a mail (RFC 5321 section 4.4, RFC 8601, RFC 8617).
_TRACE = ("received", "return-path", "delivered-to", "authentication-results", "dkim-signature", "x-", "arc-")


def parse(raw: bytes) -> Mail:
    """The mail that `raw` is, read as far as it can be; what was doubtful is in its `reasons`.

    Raises Unreadable, and nothing else, where there is no mail in these bytes: none, more than 40 MB, or only what
    servers on the way wrote.
    """
    _check_size(raw)
    structure = parts.read(raw)
    root, header = structure.root, structure.root.fields
    if _is_trace(raw, root):
        raise Unreadable("nothing but trace fields: the mail was cut off before its own header")
    shown = bodies.read(raw, root)
    sender = next(iter(_addresses(header, "From")), None)
    report = classify.classify(raw, root, shown.shown or "")
    original = originals.header(raw, root, report.kind, shown.shown or "")
    written = new_text.read(shown, sender.name if sender else "", by_person=report.kind in ("mail", "list"))
    return Mail(
        sender=sender,
        to=_addresses(header, "To"),
        cc=_addresses(header, "Cc"),
        reply_to=_addresses(header, "Reply-To"),
        subject=header.text("Subject") or "",
        date=_date(header.raw("Date")),
        message_id=next(iter(ids(header.raw("Message-ID"))), None),
        in_reply_to=ids(header.raw("In-Reply-To")),
        references=ids(header.raw("References")),
        text=shown.shown,
        html=shown.html,
        attachments=tuple(bodies.attachment(raw, part, related=related) for part, related in shown.rest),
        reply=written.reply,
        signature=written.signature,
        kind=report.kind,
        reasons=(*report.reasons, *protection.marks(root, shown.shown or ""), *structure.doubts, *shown.doubts),
        bounces=report.bounces,
        complaint=report.complaint,
        original_message_id=next(iter(ids(originals.message_id(raw, root, report.kind, original))), None),
        original=original,
        fields=header,
    )


def _check_size(raw: bytes) -> None:
    if not raw or raw.isspace():
        raise Unreadable("the mail is empty")
    if len(raw) > limits.BYTES:
        raise Unreadable(f"the mail has {len(raw)} bytes; {limits.BYTES} are the most that SES delivers")


def _is_trace(raw: bytes, root: Part) -> bool:
    names = {name for name, _ in root.fields.items}
    return bool(names) and all(name.startswith(_TRACE) for name in names) and not raw[root.start :].strip()


def _addresses(header: Fields, name: str) -> tuple[Address, ...]:
    return tuple(address for value in header.every(name)[: limits.REPEATED] for address in addresses.read(value))


def ids(value: str | None) -> tuple[str, ...]:
    """Message ids without <>; what stands without brackets is taken as it is, where there are none at all."""
    if not value:
        return ()
    found = _ID.findall(value)
    return tuple(found) if found else tuple(value.replace("<", " ").replace(">", " ").split()[:1])


def _date(value: str | None) -> str | None:
    if not value:
        return None
    try:
        return email.utils.parsedate_to_datetime(value[:200]).astimezone(UTC).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
