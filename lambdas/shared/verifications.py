"""The tokens table, as far as it holds verifications of addresses.

An item is one address's verification. It knows the hash of every link that was mailed, so that an old link gets
an honest answer, and which one is current. Tokens themselves are never stored: they are derived from a secret key
and the request, so that a request handled twice gives one link.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lambdas.shared.dynamodb import ConditionFailed, conditional
from lambdas.shared.recipients import canonical
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb.service_resource import Table

LIFETIME = timedelta(hours=24)
KEPT = timedelta(days=30)  # an old link is told what it is for this long
LINK = re.compile(r"([a-z2-7]{26})([a-z2-7]{52})")


class Verdict(StrEnum):
    """What a link is worth."""

    VALID = "valid"
    EXPIRED = "expired"
    USED = "used"
    SUPERSEDED = "superseded"
    FORGED = "forged"


@dataclass(frozen=True, kw_only=True)
class Verification:
    """An address's verification, as far as its page and its event need it."""

    id: str
    email: str
    user_id: str | None
    token_hash: str
    used_at: str | None
    announced: bool


class Verifications:
    def __init__(self, table: Table) -> None:
        self._table = table

    def start(self, *, email: str, user_id: str | None, token: str, now: datetime) -> None:
        """Make `token` the address's only valid one; one that was made before changes nothing."""
        fields: dict[str, Any] = {
            "email": email,
            "token_hash": token_hash(token),
            "expires_at": iso(now + LIFETIME),
            "expires_ttl": int((now + KEPT).timestamp()),
            **({"user_id": user_id} if user_id else {}),
        }
        try:
            with conditional():
                self._table.update_item(
                    Key={"id": verification_id(email)},
                    UpdateExpression="SET "
                    + ", ".join(f"{name} = :{name}" for name in fields)
                    + " REMOVE used_at, announced ADD token_hashes :hashes",
                    ConditionExpression="NOT contains(token_hashes, :token_hash)",
                    ExpressionAttributeValues={f":{name}": value for name, value in fields.items()}
                    | {":hashes": {token_hash(token)}},
                )
        except ConditionFailed:
            return

    def look(self, link: str, now: datetime) -> Verdict:
        """What a link is worth, changing nothing."""
        verification_id, token = split(link)
        item = self._table.get_item(Key={"id": verification_id}, ConsistentRead=True).get("Item", {})
        return verdict(item, token_hash(token), now)

    def use(self, link: str, now: datetime) -> tuple[Verdict, Verification | None]:
        """Use up a link, in one conditional write. VALID says that this call did it.

        The verification comes with it where the link is, or was, a good one: see `announced`.
        """
        verification_id, token = split(link)
        try:
            with conditional():
                answer = self._table.update_item(
                    Key={"id": verification_id},
                    UpdateExpression="SET used_at = :now",
                    ConditionExpression="token_hash = :hash AND attribute_not_exists(used_at) AND expires_at > :now",
                    ExpressionAttributeValues={":hash": token_hash(token), ":now": iso(now)},
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as failed:
            found = verdict(failed.item, token_hash(token), now)
            return found, verification_of(failed.item) if found is Verdict.USED else None
        return Verdict.VALID, verification_of(answer["Attributes"])

    def announced(self, verification: Verification) -> None:
        """Note that the world knows; until then, using the link again says it again."""
        self._table.update_item(
            Key={"id": verification.id},
            UpdateExpression="SET announced = :hash",
            ExpressionAttributeValues={":hash": verification.token_hash},
        )


def verdict(item: dict[str, Any], hashed: str, now: datetime) -> Verdict:
    if hashed not in item.get("token_hashes", ()):
        return Verdict.FORGED
    if hashed != item["token_hash"]:
        return Verdict.SUPERSEDED
    if "used_at" in item:
        return Verdict.USED
    return Verdict.EXPIRED if item["expires_at"] <= iso(now) else Verdict.VALID


def verification_of(item: dict[str, Any]) -> Verification:
    return Verification(
        id=item["id"],
        email=item["email"],
        user_id=item.get("user_id"),
        token_hash=item["token_hash"],
        used_at=item.get("used_at"),
        announced=item.get("announced") == item["token_hash"],
    )


def verification_id(email: str) -> str:
    return base32(hashlib.sha256(f"verification|{canonical(email)}".encode()).digest()[:16])


def make_token(key: bytes, email: str, request_id: str) -> str:
    """256 bits that only the key's holder can make, the same for the same request."""
    secret = hmac.new(key, f"verification|{canonical(email)}|{request_id}".encode(), hashlib.sha256)
    return base32(secret.digest())


def link_of(email: str, token: str) -> str:
    """The part of the link that names the verification and proves it."""
    return verification_id(email) + token


def split(link: str) -> tuple[str, str]:
    """A link's verification id and token; nothing that could match where it has not a link's form."""
    match = LINK.fullmatch(link)
    return (match[1], match[2]) if match else ("none", "")


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
