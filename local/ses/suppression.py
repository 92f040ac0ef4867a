"""The operations on the account's suppression list."""

from typing import TYPE_CHECKING, Any

from local.ses.account import Suppressed
from local.ses.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from local.ses.account import Account
    from local.ses.wire import Call


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
    reasons = call.parameters.get("Reasons") or ["BOUNCE", "COMPLAINT"]
    return {
        "SuppressedDestinationSummaries": [_describe(e) for e in account.suppressed.values() if e.reason in reasons]
    }


def _find(account: "Account", call: "Call") -> Suppressed:
    address = call.parameters["EmailAddress"].lower()
    if address not in account.suppressed:
        raise NotFound(f"Email address {address} does not exist on your suppression list.")
    return account.suppressed[address]


def _describe(entry: Suppressed) -> dict[str, Any]:
    return {"EmailAddress": entry.address, "Reason": entry.reason, "LastUpdateTime": entry.since}
