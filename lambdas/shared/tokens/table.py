"""The tokens table: an address's links and codes, and how often they were asked for.

An item is what one address has of one purpose. It knows the hash of everything that was mailed, so that an old link
gets an honest answer, and which one is current: a newer one replaces it. Counters of who asks are items too.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lambdas.shared.dynamodb import ConditionFailed, conditional
from lambdas.shared.timestamps import iso
from lambdas.shared.tokens.make import split, token_hash

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb.service_resource import Table

KEPT = timedelta(days=30)  # an old link is told what it is for this long
TRIES = 5  # of one code


class Verdict(StrEnum):
    """What a link is worth."""

    VALID = "valid"
    EXPIRED = "expired"
    USED = "used"
    SUPERSEDED = "superseded"
    FORGED = "forged"


class Asked(StrEnum):
    """What a request for a new proof comes to."""

    NEW = "new"
    REPEATED = "repeated"
    TOO_OFTEN = "too often"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How often one may ask: again for the same address after `again`, so many times an hour for it, and so many
    times an hour from one source."""

    again: timedelta
    an_hour: int
    source_an_hour: int


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What is about to be mailed to prove an address; `hashed` is all that is kept of the secret in it."""

    id: str
    purpose: str
    email: str
    hashed: str
    lifetime: timedelta
    user_id: str | None = None
    return_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Proved:
    """An address that a used link has proved. `announced` once the world knows."""

    id: str
    purpose: str
    email: str
    hashed: str
    user_id: str | None
    return_url: str | None
    used_at: str | None
    announced: bool


class Tokens:
    def __init__(self, table: Table) -> None:
        self._table = table

    def start(self, proof: Proof, limits: Limits, now: datetime) -> Asked:
        """Make this the address's only valid proof of its purpose, unless it was asked for too often."""
        hour = f"hour#{iso(now)[:13]}"
        fields: dict[str, Any] = {
            "purpose": proof.purpose,
            "email": proof.email,
            "hashed": proof.hashed,
            "expires_at": iso(now + proof.lifetime),
            "expires_ttl": int((now + KEPT).timestamp()),
            "asked_at": iso(now),
            "tries": 0,
            **({"user_id": proof.user_id} if proof.user_id else {}),
            **({"return_url": proof.return_url} if proof.return_url else {}),
        }
        gone = [name for name in ("user_id", "return_url") if name not in fields]
        try:
            with conditional():
                self._table.update_item(
                    Key={"id": proof.id},
                    UpdateExpression=f"SET {', '.join(f'{name} = :{name}' for name in fields)} "
                    f"REMOVE {', '.join(['used_at', 'announced', *gone])} ADD hashes :hashes, #hour :one",
                    ConditionExpression="NOT contains(hashes, :hashed) AND "
                    "(attribute_not_exists(asked_at) OR asked_at <= :again) AND "
                    "(attribute_not_exists(#hour) OR #hour < :an_hour)",
                    ExpressionAttributeNames={"#hour": hour},
                    ExpressionAttributeValues={f":{name}": value for name, value in fields.items()}
                    | {":hashes": {proof.hashed}, ":one": 1, ":an_hour": limits.an_hour}
                    | {":again": iso(now - limits.again)},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as failed:
            return Asked.REPEATED if proof.hashed in failed.item.get("hashes", ()) else Asked.TOO_OFTEN
        return Asked.NEW

    def count(self, source: str, limits: Limits, now: datetime) -> bool:
        """Count one request from a source (a person's network address, say); False if they are too many this hour."""
        hashed = hashlib.sha256(source.encode()).hexdigest()
        try:
            with conditional():
                self._table.update_item(
                    Key={"id": f"source#{hashed}#{iso(now)[:13]}"},
                    UpdateExpression="SET expires_ttl = :ttl ADD asked :one",
                    ConditionExpression="attribute_not_exists(asked) OR asked < :most",
                    ExpressionAttributeValues={
                        ":ttl": int((now + timedelta(hours=2)).timestamp()),
                        ":one": 1,
                        ":most": limits.source_an_hour,
                    },
                )
        except ConditionFailed:
            return False
        return True

    def look(self, link: str, now: datetime) -> tuple[Verdict, str | None]:
        """What a link is worth, and its purpose, changing nothing."""
        item_id, token = split(link)
        item: dict[str, Any] = self._table.get_item(Key={"id": item_id}, ConsistentRead=True).get("Item", {})
        return verdict(item, token_hash(token), now), item.get("purpose")

    def use(self, link: str, purpose: str, now: datetime) -> tuple[Verdict, Proved | None]:
        """Use up a link, in one conditional write. VALID says that this call did it.

        What it proved comes with it where the link is, or was, a good one: see `announced`.
        """
        item_id, token = split(link)
        try:
            with conditional():
                answer = self._table.update_item(
                    Key={"id": item_id},
                    UpdateExpression="SET used_at = :now",
                    ConditionExpression="hashed = :hashed AND purpose = :purpose AND attribute_not_exists(used_at) "
                    "AND expires_at > :now",
                    ExpressionAttributeValues={":hashed": token_hash(token), ":purpose": purpose, ":now": iso(now)},
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as failed:
            if failed.item.get("purpose") != purpose:
                return Verdict.FORGED, None
            found = verdict(failed.item, token_hash(token), now)
            return found, proved(failed.item) if found is Verdict.USED else None
        return Verdict.VALID, proved(answer["Attributes"])

    def announced(self, proof: Proved) -> None:
        """Note that the world knows; until then, using the link again says it again."""
        self._table.update_item(
            Key={"id": proof.id},
            UpdateExpression="SET announced = :hashed",
            ExpressionAttributeValues={":hashed": proof.hashed},
        )

    def try_code(self, item_id: str, hashed: str, now: datetime) -> bool:
        """Whether this is the current code, and this its first use. The try is counted before the code is looked at,
        so that tries at the same time are no more than those one after the other."""
        current = "attribute_not_exists(used_at) AND expires_at > :now"
        try:
            with conditional():
                item = self._table.update_item(
                    Key={"id": item_id},
                    UpdateExpression="ADD tries :one",
                    ConditionExpression=f"tries < :most AND {current}",
                    ExpressionAttributeValues={":one": 1, ":most": TRIES, ":now": iso(now)},
                    ReturnValues="ALL_NEW",
                )["Attributes"]
            if not hmac.compare_digest(str(item["hashed"]), hashed):
                return False
            with conditional():
                self._table.update_item(
                    Key={"id": item_id},
                    UpdateExpression="SET used_at = :now",
                    ConditionExpression=f"hashed = :hashed AND {current}",
                    ExpressionAttributeValues={":hashed": hashed, ":now": iso(now)},
                )
        except ConditionFailed:
            return False
        return True


def verdict(item: dict[str, Any], hashed: str, now: datetime) -> Verdict:
    if hashed not in item.get("hashes", ()):
        return Verdict.FORGED
    if hashed != item["hashed"]:
        return Verdict.SUPERSEDED
    if "used_at" in item:
        return Verdict.USED
    return Verdict.EXPIRED if item["expires_at"] <= iso(now) else Verdict.VALID


def proved(item: dict[str, Any]) -> Proved:
    return Proved(
        id=item["id"],
        purpose=item["purpose"],
        email=item["email"],
        hashed=item["hashed"],
        user_id=item.get("user_id"),
        return_url=item.get("return_url"),
        used_at=item.get("used_at"),
        announced=item.get("announced") == item["hashed"],
    )
