"""Leaving marketing by the link of a mail: in two presses by its page, or in one by a mail program (RFC 8058).

Section 3.2: whoever posts has no cookies and is no person, and is answered without a redirect; so the link alone is the
proof. GET changes nothing, since mail scanners and previews open links too.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from lambdas.pages.page import NOT_OURS, Page
from lambdas.shared.counts.contributions import MARKETING
from lambdas.shared.recipients import UNSUBSCRIBE, Recipients, Suppression, suppressed_event
from lambdas.shared.timestamps import iso
from lambdas.shared.tokens.unsubscribe import unsubscribing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.shared.messages import Messages

ASK = Page(
    status=HTTPStatus.OK,
    title="Unsubscribe",
    text="Press the button, and you get no more newsletters and offers from us.",
    button="Unsubscribe",
)
DONE = Page(
    status=HTTPStatus.OK,
    title="You are unsubscribed",
    text="You get no more newsletters and offers from us. Mail about your own orders and your account still comes.",
)
FORGOTTEN = Page(
    status=HTTPStatus.GONE,
    title="We do not know this mail any more",
    text="Use the link of a newer one, or answer it, and we take your address off the list.",
)


def offer(link: str, *, key: bytes) -> Page:
    """The page behind the link. It changes nothing."""
    return ASK if unsubscribing(key, link) else NOT_OURS


def unsubscribe(
    link: str,
    *,
    one_click: bool,
    key: bytes,
    messages: Messages,
    recipients: Recipients,
    emit: Callable[[str, dict[str, Any]], None],
    now: datetime,
) -> Page:
    """Send the mail's recipient no more marketing, and tell the world before it is written, so that what was not told
    is told by the next press."""
    message_id = unsubscribing(key, link)
    if not message_id:
        return NOT_OURS
    message = messages.get(message_id)
    if not message:
        return FORGOTTEN
    suppression = Suppression(
        scope=MARKETING,
        reason=f"unsubscribed ({'by one click of a mail program' if one_click else 'on the page of the link'})",
        message_id=message_id,
        evidence=f"Unsubscribe#{message_id}",
        at=iso(now),
        by=UNSUBSCRIBE,
    )
    if not any(standing.scope == MARKETING for standing in recipients.get(message.recipient).suppressions):
        emit("RecipientSuppressed", suppressed_event(message.recipient, suppression))
        recipients.suppress(message.recipient, suppression)
    return DONE
