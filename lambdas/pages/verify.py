from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from lambdas.pages.page import Page
from lambdas.shared.verifications import Verdict, Verification, Verifications

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

ASK = Page(
    status=HTTPStatus.OK,
    title="Confirm your e-mail address",
    text="Press the button to confirm that this address is yours.",
    button="Confirm",
)
DONE = Page(status=HTTPStatus.OK, title="Thank you", text="Your e-mail address is confirmed. You can close this page.")
REFUSALS = {
    Verdict.EXPIRED: Page(
        status=HTTPStatus.GONE,
        title="This link has expired",
        text="It was valid for 24 hours. Sign up again, or ask for a new link, and use that one.",
    ),
    Verdict.USED: Page(
        status=HTTPStatus.GONE,
        title="This link was used already",
        text="The address is confirmed; there is nothing left to do.",
    ),
    Verdict.SUPERSEDED: Page(
        status=HTTPStatus.GONE,
        title="There is a newer link",
        text="A later e-mail from us has a newer link, and only that one works. Please look for it.",
    ),
    Verdict.FORGED: Page(
        status=HTTPStatus.NOT_FOUND,
        title="This link is not one of ours",
        text="It may have been cut off on the way. Copy the whole link from the e-mail and try again.",
    ),
}


def look(link: str, *, verifications: Verifications, now: datetime) -> Page:
    """The page behind a link. It changes nothing: mail scanners and previews open links too."""
    return REFUSALS.get(verifications.look(link, now), ASK)


def verify(
    link: str, *, verifications: Verifications, emit: Callable[[str, dict[str, Any]], None], now: datetime
) -> Page:
    """Use the link up, and tell the world once it is used.

    If that telling fails, so does the request, and the person's next press of the button tells it.
    """
    verdict, verification = verifications.use(link, now)
    if verification and not verification.announced:
        emit("EmailVerified", email_verified(verification))
        verifications.announced(verification)
        return DONE
    return REFUSALS.get(verdict, DONE)


def email_verified(verification: Verification) -> dict[str, Any]:
    return {
        "id": f"{verification.id}-{verification.token_hash[:16]}",
        "email": verification.email,
        "user_id": verification.user_id,
        "verified_at": verification.used_at,
    }
