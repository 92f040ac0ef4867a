"""Bytes of a received mail to a Mail. Pure: no AWS, no clock, no environment."""

import email.utils
import re
from datetime import UTC

from lambdas.shared.mail import (
    addresses,
    bodies,
    classify,
    dsn,
    fields,
    html_quotes,
    html_text,
    limits,
    parts,
    quotes,
    signature,
)
from lambdas.shared.mail.bodies import Bodies
from lambdas.shared.mail.fields import Fields
from lambdas.shared.mail.mail import Address, Mail, Unreadable
from lambdas.shared.mail.parts import Part

_ID = re.compile(r"<([^<>\s]{1,998})>")


def parse(raw: bytes) -> Mail:
    """The mail that `raw` is, read as far as it can be; what was doubtful is in its `reasons`.

    Raises Unreadable for no bytes at all and for more than 40 MB, nothing else.
    """
    if not raw.strip():
        raise Unreadable("the mail is empty")
    if len(raw) > limits.BYTES:
        raise Unreadable(f"the mail has {len(raw)} bytes; {limits.BYTES} are the most that SES delivers")
    structure = parts.read(raw)
    header = structure.root.fields
    shown = bodies.read(raw, structure.root)
    text = shown.text if shown.text is not None else _from_html(shown)
    sender = next(iter(_addresses(header, "From")), None)
    reply, signed = _reply(shown, text, sender)
    report = classify.classify(raw, structure.root, text or "")
    return Mail(
        sender=sender,
        to=_addresses(header, "To"),
        cc=_addresses(header, "Cc"),
        reply_to=_addresses(header, "Reply-To"),
        subject=header.text("Subject") or "",
        date=_date(header.raw("Date")),
        message_id=next(iter(_ids(header.raw("Message-ID"))), None),
        in_reply_to=_ids(header.raw("In-Reply-To")),
        references=_ids(header.raw("References")),
        text=text,
        html=shown.html,
        attachments=tuple(bodies.attachment(raw, part, related=related) for part, related in shown.rest),
        reply=reply,
        signature=signed,
        kind=report.kind,
        reasons=(*report.reasons, *structure.doubts),
        bounces=report.bounces,
        original_message_id=_original(raw, structure.root),
        fields=header,
    )


def _from_html(shown: Bodies) -> str | None:
    return None if shown.html is None else html_text.read(shown.html)


def _reply(shown: Bodies, text: str | None, sender: Address | None) -> tuple[str, str | None]:
    """(the new text, the signature). The marks in the HTML are surer than what plain text looks like."""
    if text is None:
        return "", None
    if shown.html is not None and html_quotes.present(shown.html[: limits.HTML]):
        text = html_text.marked(shown.html)
    return signature.split(quotes.remove(text), sender.name if sender else "")


def _addresses(header: Fields, name: str) -> tuple[Address, ...]:
    return tuple(address for value in header.every(name) for address in addresses.read(value))


def _ids(value: str | None) -> tuple[str, ...]:
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


def _original(raw: bytes, root: Part) -> str | None:
    """The Message-ID of the mail that a report returns."""
    for part in dsn.find(root, dsn.RETURNED):
        header, _ = fields.read(raw, part.start, part.end)
        found = _ids(header.raw("Message-ID"))
        if found:
            return found[0]
    return None
