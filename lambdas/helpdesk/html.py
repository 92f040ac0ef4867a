"""The HTML of a received mail, safe to show, with its own pictures by links that expire."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from lambdas.shared.http import Refused

if TYPE_CHECKING:
    from lambdas.shared.tickets.files import TicketFiles
    from lambdas.shared.tickets.ticket import TicketMessage

HTML_BYTES = 4_000_000  # of an answer's 6 MB (Lambda, quotas), in which JSON spells some characters with more


def html(message: TicketMessage, files: TicketFiles, *, remote: bool) -> dict[str, Any]:
    """{"html": one element, "blocked": how many pictures from elsewhere were left out}."""
    raw = files.raw(message.raw_key) if message.raw_key else None
    if raw is None:
        kept = "its mail is not kept any more" if message.raw_key else "no mail came"
        raise Refused(HTTPStatus.NOT_FOUND, f"there is no HTML of this message: {kept}")
    # Nothing else here reads mail; a listing need not pay for it.
    from lambdas.shared.mail.parse import parse
    from lambdas.shared.mail.safe_html import safe_html

    mail = parse(raw)
    if not mail.html:
        raise Refused(HTTPStatus.NOT_FOUND, "there is no HTML of this message: its mail is plain text")
    stored = zip(mail.attachments, message.attachments, strict=False)  # as lambdas/inbound/keep.py stored them
    pictures = {own.content_id: files.picture(kept.key) for own, kept in stored if own.content_id}
    safe = safe_html(mail.html, pictures, remote=remote)
    if len(safe.html.encode()) > HTML_BYTES:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "the HTML is larger than an answer can be: read its text")
    return {"html": safe.html, "blocked": safe.blocked}
