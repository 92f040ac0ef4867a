"""What a resource's policy lets others do (IAM User Guide, reference_policies_elements). Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Conditions by which a service acts for one account alone, or for one resource ("the confused deputy problem").
BINDING = {"aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:principalaccount", "aws:principalarn"}
ACCOUNT = re.compile(r"\b\d{12}\b")
TRANSPORT = "aws:securetransport"


class Policy:
    """Of a topic, a queue or a bucket, as its service gives it; empty where there is none."""

    def __init__(self, text: str) -> None:
        self._statements: list[dict[str, Any]] = listed(json.loads(text).get("Statement", [])) if text else []

    def lets(self, service: str, action: str, account: str) -> bool:
        """Whether an AWS service may do it for this account. A statement with other conditions than those that bind is
        taken to hold."""
        return any(
            service in principals(statement, "Service")
            and names(statement, action)
            and all(account in value for value in values(statement, "aws:sourceaccount"))
            and all(f":{account}:" in value for value in values(statement, "aws:sourcearn"))
            for statement in self._of("Allow")
        )

    def open_to(self, account: str) -> list[str]:
        """What strangers to the account may do: actions that are allowed to everybody, to a service for whatever
        account, or to another account by its number."""
        return sorted(
            {
                str(action)
                for statement in self._of("Allow")
                if others(statement, account) or (anybody(statement) and not conditions(statement).keys() & BINDING)
                for action in listed(statement.get("Action", []))
            }
        )

    @property
    def demands_tls(self) -> bool:
        return any(
            "*" in principals(statement, "AWS") and "false" in values(statement, TRANSPORT)
            for statement in self._of("Deny")
        )

    def _of(self, effect: str) -> Iterator[dict[str, Any]]:
        return (statement for statement in self._statements if statement.get("Effect") == effect)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def principals(statement: dict[str, Any], kind: str) -> list[str]:
    principal = statement.get("Principal", {})
    return ["*"] if principal == "*" and kind == "AWS" else listed(principal.get(kind, [])) if principal != "*" else []


def anybody(statement: dict[str, Any]) -> bool:
    return "*" in principals(statement, "AWS") or bool(principals(statement, "Service"))


def others(statement: dict[str, Any], account: str) -> bool:
    """Whether another account is named, by its number or in an ARN."""
    named = ACCOUNT.findall(" ".join(map(str, principals(statement, "AWS"))))
    return any(number != account for number in named)


def names(statement: dict[str, Any], action: str) -> bool:
    service = action.partition(":")[0]
    wanted = {action.lower(), f"{service}:*", "*"}
    return any(str(named).lower() in wanted for named in listed(statement.get("Action", [])))


def conditions(statement: dict[str, Any]) -> dict[str, list[str]]:
    """The values of each condition key, in small letters; IAM knows no capitals in keys."""
    found: dict[str, list[str]] = {}
    for operator in statement.get("Condition", {}).values():
        for key, value in operator.items():
            found.setdefault(key.lower(), []).extend(str(item) for item in listed(value))
    return found


def values(statement: dict[str, Any], key: str) -> list[str]:
    return conditions(statement).get(key, [])
