from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from lambdas.pages.page import NOT_OURS, Page
from lambdas.shared.tokens.make import VERIFICATION
from lambdas.shared.tokens.table import Proved, Tokens, Verdict

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
    Verdict.FORGED: NOT_OURS,
}


def look(link: str, *, tokens: Tokens, now: datetime) -> Page:
    """The page behind a link. It changes nothing: mail scanners and previews open links too."""
    verdict, purpose = tokens.look(link, now)
    if verdict is not Verdict.FORGED and purpose != VERIFICATION:
        return REFUSALS[Verdict.FORGED]
    return REFUSALS.get(verdict, ASK)


def verify(link: str, *, tokens: Tokens, emit: Callable[[str, dict[str, Any]], None], now: datetime) -> Page:
    """Use the link up, and tell the world once it is used.

    If that telling fails, so does the request, and the person's next press of the button tells it.
    """
    verdict, proved = tokens.use(link, VERIFICATION, now)
    if proved and not proved.announced:
        emit("EmailVerified", email_verified(proved))
        tokens.announced(proved)
        return replace(DONE, onward=proved.return_url)
    return REFUSALS.get(verdict, DONE)


def email_verified(proved: Proved) -> dict[str, Any]:
    return {
        "id": f"{proved.id}-{proved.hashed[:16]}",
        "email": proved.email,
        "user_id": proved.user_id,
        "verified_at": proved.used_at,
    }
