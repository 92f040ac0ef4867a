"""Which receipt rules an address meets (DG receiving-email-receipt-rules). Pure."""

from collections.abc import Iterable
from typing import Any

from local.ses.account import Account


def rules_for(account: Account, recipient: str) -> list[dict[str, Any]]:
    """Enabled rules of the active set, in their order; none unless the domain is verified here."""
    identity = account.identity_of("anyone@" + recipient.rpartition("@")[2])
    if identity is None or not identity.verified:
        return []
    return [rule for rule in account.receives() if matches(rule.get("Recipients", ()), recipient)]


def receives_for(account: Account, recipient: str) -> bool:
    """Whether mail for this address's domain comes in here at all: what an MX record would say."""
    domain = recipient.rpartition("@")[2]
    return any(rules_for(account, f"{local}@{domain}") for local in _locals(account))


def matches(conditions: Iterable[str], recipient: str) -> bool:
    """No condition takes every address. A label after + is ignored unless the condition has one itself."""
    local, _, domain = recipient.lower().rpartition("@")
    forms = {f"{local}@{domain}", f"{local.partition('+')[0]}@{domain}", domain}
    conditions = [condition.lower() for condition in conditions]
    return not conditions or any(
        condition in forms
        or (condition.startswith(".") and f".{domain}".endswith(condition) and domain != condition[1:])
        for condition in conditions
    )


def _locals(account: Account) -> set[str]:
    """Local parts that could meet a rule: those the rules name, and one that none does."""
    conditions = [condition for rule in account.receives() for condition in rule.get("Recipients", ())]
    return {condition.rpartition("@")[0] for condition in conditions if "@" in condition} | {"anyone"}
