"""The recipients table: whom we may not write to, since when, and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.shared.dynamodb import ConditionFailed, conditional

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

ALL = "all"
SCOPES = (ALL, "transactional", "marketing")
PREFIX = "suppressed#"


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Why an address gets no mail. `scope` is a stream, or `all`; `evidence` the SES feedback it rests on."""

    scope: str
    reason: str
    message_id: str
    evidence: str
    at: str


@dataclass(frozen=True, kw_only=True)
class Recipient:
    address: str
    suppressions: tuple[Suppression, ...]

    def suppression(self, stream: str) -> Suppression | None:
        """What forbids mail of this stream, if anything does."""
        return next((s for s in self.suppressions if s.scope in (ALL, stream)), None)


class Recipients:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, address: str) -> Recipient:
        """What is known of an address; nothing is known of most."""
        item = self._table.get_item(Key={"address": canonical(address)}, ConsistentRead=True).get("Item", {})
        return recipient_of(canonical(address), item)

    def suppress(self, address: str, suppression: Suppression) -> bool:
        """Stop mail of a scope to an address. False if other evidence had stopped it already."""
        fields = {"reason": suppression.reason, "message_id": suppression.message_id}
        fields |= {"evidence": suppression.evidence, "at": suppression.at}
        try:
            with conditional():
                self._table.update_item(
                    Key={"address": canonical(address)},
                    UpdateExpression="SET #scope = :suppression",
                    ConditionExpression="attribute_not_exists(#scope) OR #scope.evidence = :evidence",
                    ExpressionAttributeNames={"#scope": PREFIX + suppression.scope},
                    ExpressionAttributeValues={":suppression": fields, ":evidence": suppression.evidence},
                )
        except ConditionFailed:
            return False
        return True


def recipient_of(address: str, item: dict[str, Any]) -> Recipient:
    found = [Suppression(scope=scope, **item[PREFIX + scope]) for scope in SCOPES if PREFIX + scope in item]
    return Recipient(address=address, suppressions=tuple(found))


def canonical(address: str) -> str:
    """The one spelling under which an address is kept. Local parts are case-sensitive on paper (RFC 5321
    section 2.4) and nowhere in practice, so a bounce for Mia@ is one for mia@."""
    return address.strip().lower()
