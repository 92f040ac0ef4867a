"""The operations on the account's suppression list."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.ses.account import Suppressed
from local.ses.errors import BadRequest, InvalidNextToken, NotFound

if TYPE_CHECKING:
    from local.ses.account import Account
    from local.ses.wire import Call

PAGE = 100  # entries, if the caller does not say; SES does not tell its own number


def put_suppressed_destination(account: "Account", call: "Call") -> dict[str, Any]:
    if account.sandbox:
        raise BadRequest("The suppression list cannot be changed in the sandbox.")
    address = call.parameters["EmailAddress"].lower()
    entry = Suppressed(address=address, reason=call.parameters["Reason"], since=account.clock())
    account.suppressed[address] = entry
    return {}


def get_suppressed_destination(account: "Account", call: "Call") -> dict[str, Any]:
    return {"SuppressedDestination": _describe(_find(account, call))}


def delete_suppressed_destination(account: "Account", call: "Call") -> dict[str, Any]:
    del account.suppressed[_find(account, call).address]
    return {}


def list_suppressed_destinations(account: "Account", call: "Call") -> dict[str, Any]:
    """A page after another, the oldest first; SES promises no order. A token names the last entry of its page, so that
    what is removed meanwhile hides no other."""
    asked = call.parameters
    entries = sorted((entry for entry in account.suppressed.values() if _fits(entry, asked)), key=_place)
    after = _place_of(asked["NextToken"]) if "NextToken" in asked else None
    left = [entry for entry in entries if after is None or _place(entry) > after]
    page = left[: asked.get("PageSize") or PAGE]
    answer: dict[str, Any] = {"SuppressedDestinationSummaries": [_describe(entry) for entry in page]}
    return answer | ({"NextToken": _token(page[-1])} if len(left) > len(page) else {})


def _fits(entry: Suppressed, asked: dict[str, Any]) -> bool:
    reasons = asked.get("Reasons") or ["BOUNCE", "COMPLAINT"]
    since, until = asked.get("StartDate", entry.since), asked.get("EndDate", entry.since)
    return bool(entry.reason in reasons and since <= entry.since <= until)


def _place(entry: Suppressed) -> tuple[str, str]:
    return entry.since.astimezone(UTC).isoformat(), entry.address


def _token(entry: Suppressed) -> str:
    return urlsafe_b64encode(" ".join(_place(entry)).encode()).decode()


def _place_of(token: str) -> tuple[str, str]:
    try:
        since, _, address = urlsafe_b64decode(token).decode().partition(" ")
        datetime.fromisoformat(since)
    except ValueError:
        raise InvalidNextToken("The next token is invalid.") from None
    return since, address


def _find(account: "Account", call: "Call") -> Suppressed:
    address = call.parameters["EmailAddress"].lower()
    if address not in account.suppressed:
        raise NotFound(f"Email address {address} does not exist on your suppression list.")
    return account.suppressed[address]


def _describe(entry: Suppressed) -> dict[str, Any]:
    return {"EmailAddress": entry.address, "Reason": entry.reason, "LastUpdateTime": entry.since}
