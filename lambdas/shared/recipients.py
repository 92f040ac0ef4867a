"""The recipients table: whom we may not write to, since when, until when, and on what evidence.

What feedback writes here is the same for any order and any repetition of the events that it rests on: of several
reasons to stop a scope the oldest stands, and soft bounces are counted from those within the window before the latest.
What rests on no event, such as an operator's word, is written only where nothing stands, and gives way to evidence.

The index `suppressed` (shared/suppressed.py) has those who are suppressed, and nobody else, in order of `listed_at`:
when that arose which was written last.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from lambdas.shared.dynamodb import ConditionFailed, conditional
from lambdas.shared.timestamps import iso, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mypy_boto3_dynamodb.service_resource import Table

ALL = "all"
SCOPES = (ALL, "transactional", "marketing")
PREFIX = "suppressed#"
SOFT = "soft"
LIFTED = "lifted#"
ON_SES = "on_ses"
LISTED = "yes"  # the one partition of the index; it takes 1,000 suppressions a second
LIST = "listed = :listed, listed_at = :listed_at"
# Whose doing a suppression is.
FEEDBACK, UNSUBSCRIBE, COMMAND, IMPORT, SES = "feedback", "unsubscribe", "command", "import", "ses"
KEPT = 50  # soft bounces of one address, the latest
TRIES = 5  # to write them, where others write at the same time
# Whether evidence is to stand: where there is none, or only of soft bounces, which end, or none that is as old. The
# same again is, so that what was not told can be.
NOTHING_FOR_GOOD = "attribute_not_exists(#scope) OR attribute_exists(#scope.#until)"
OLDEST = (
    f"{NOTHING_FOR_GOOD} OR #scope.#message = :none OR #scope.#at > :at "
    "OR (#scope.#at = :at AND #scope.#evidence >= :evidence)"
)


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Why an address gets no mail. `scope` is a stream, or `all`; `evidence` what it rests on, such as the SES event of
    that message, and empty for an operator's word; `by` whose doing it is. With `until` it ends by itself."""

    scope: str
    reason: str
    message_id: str
    evidence: str
    at: str
    by: str
    until: str | None = None

    def holds(self, now: datetime) -> bool:
        return self.until is None or iso(now) < self.until


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """`soft` are the soft bounces within the window: when, by the evidence. `lifted` says when an operator last took a
    suppression away, by scope; `on_ses` for which reason SES's list has the address, as far as was seen or done."""

    address: str
    suppressions: tuple[Suppression, ...] = ()
    soft: dict[str, str] = field(default_factory=dict)
    lifted: dict[str, str] = field(default_factory=dict)
    on_ses: str | None = None

    def suppression(self, stream: str, now: datetime) -> Suppression | None:
        """What forbids mail of this stream, if anything does."""
        return next((s for s in self.suppressions if s.scope in (ALL, stream) and s.holds(now)), None)

    def for_good(self, scope: str) -> bool:
        """Whether this scope, or all, is suppressed without an end."""
        return any(s.scope in (ALL, scope) and s.until is None for s in self.suppressions)


@dataclass(frozen=True, kw_only=True)
class SoftBounces:
    """So many within so many days stop all mail to an address, until so many days after the last."""

    most: int
    days: int

    def within(self, soft: Mapping[str, str]) -> dict[str, str]:
        """Those that count: within the window that ends with the latest."""
        begins = iso(parsed(max(soft.values())) - timedelta(days=self.days))
        latest = sorted(((at, evidence) for evidence, at in soft.items() if at > begins), reverse=True)[:KEPT]
        return {evidence: at for at, evidence in latest}

    def suppression(self, soft: Mapping[str, str]) -> Suppression | None:
        """What they lead to. It rests on the one that was too many."""
        in_order = sorted((at, evidence) for evidence, at in soft.items())
        if len(in_order) < self.most:
            return None
        at, evidence = in_order[self.most - 1]
        message_id, _, key = evidence.partition("#")
        return Suppression(
            scope=ALL,
            reason=f"soft bounces ({self.most} in {self.days} days)",
            message_id=message_id,
            evidence=key,
            at=at,
            by=FEEDBACK,
            until=iso(parsed(in_order[-1][0]) + timedelta(days=self.days)),
        )


class Recipients:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, address: str) -> Recipient:
        """What is known of an address; nothing is known of most."""
        return recipient_of(canonical(address), self._item(address))

    def suppress(self, address: str, suppression: Suppression) -> bool:
        """Stop mail of a scope to an address. False if older evidence has stopped it for good, or, of what rests on no
        event, if anything has."""
        names = {"#scope": PREFIX + suppression.scope, "#until": "until"}
        values: dict[str, Any] = {":suppression": stored(suppression), **listing(suppression)}
        condition = NOTHING_FOR_GOOD
        if suppression.message_id:
            condition = OLDEST
            names |= {"#at": "at", "#evidence": "evidence", "#message": "message_id"}
            values |= {":at": suppression.at, ":evidence": suppression.evidence, ":none": ""}
        forgotten = ""
        if suppression.scope == ALL:
            names, forgotten = names | {"#soft": SOFT}, " REMOVE #soft"
        try:
            with conditional():
                self._table.update_item(
                    Key={"address": canonical(address)},
                    UpdateExpression=f"SET #scope = :suppression, {LIST}{forgotten}",
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=values,
                )
        except ConditionFailed:
            return False
        return True

    def lift(self, recipient: Recipient, scopes: Sequence[str], at: str) -> None:
        """Take suppressions away, and soft bounces with that of all mail. ConditionFailed if what is suppressed is no
        longer what `recipient` says."""
        standing = {s.scope: stored(s) for s in recipient.suppressions}
        names: dict[str, str] = {}
        values: dict[str, Any] = {":at": at}
        unchanged: list[str] = []
        for scope in SCOPES:
            names |= {f"#{scope}": PREFIX + scope} | ({f"#{scope}_lifted": LIFTED + scope} if scope in scopes else {})
            values |= {f":{scope}": standing[scope]} if scope in standing else {}
            unchanged.append(f"#{scope} = :{scope}" if scope in standing else f"attribute_not_exists(#{scope})")
        gone = [*(f"#{scope}" for scope in scopes), *([SOFT] if ALL in scopes else [])]
        gone += [] if standing.keys() - set(scopes) else ["listed", "listed_at"]
        lifted = ", ".join(f"#{scope}_lifted = :at" for scope in scopes)
        with conditional():
            self._table.update_item(
                Key={"address": recipient.address},
                UpdateExpression=f"SET {lifted} REMOVE {', '.join(gone)}",
                ConditionExpression=" AND ".join(unchanged),
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )

    def note_on_ses(self, recipient: Recipient, reason: str | None) -> None:
        """Keep in mind for which reason SES's list has an address that anything is known of; None if it has not."""
        if recipient.on_ses == reason:
            return
        try:
            with conditional():
                self._table.update_item(
                    Key={"address": recipient.address},
                    UpdateExpression="SET on_ses = :reason",
                    ConditionExpression="attribute_exists(address)",
                    ExpressionAttributeValues={":reason": reason},
                )
        except ConditionFailed:
            return  # erased meanwhile

    def soft_bounce(
        self, address: str, *, message_id: str, evidence: str, at: str, limit: SoftBounces
    ) -> Suppression | None:
        """Count a soft bounce; gives what stops the address if this one has done it, or may have when it came before.

        An address that is stopped for good has no soft bounces.
        """
        for _ in range(TRIES - 1):
            try:
                return self._soft_bounce(address, f"{message_id}#{evidence}", at, limit)
            except ConditionFailed:
                continue
        return self._soft_bounce(address, f"{message_id}#{evidence}", at, limit)

    def _soft_bounce(self, address: str, evidence: str, at: str, limit: SoftBounces) -> Suppression | None:
        item = self._item(address)
        stopped = item.get(PREFIX + ALL)
        if stopped and "until" not in stopped:
            return None
        before: dict[str, str] = item.get(SOFT, {})
        after = limit.within(before | {evidence: at})
        suppression = limit.suppression(after)
        if after != before:
            self._write_soft(address, before, after, suppression)
        if evidence not in after:
            return None
        told = evidence not in before and limit.suppression(before)
        return None if told else suppression

    def _write_soft(
        self, address: str, before: dict[str, str], after: dict[str, str], suppression: Suppression | None
    ) -> None:
        """ConditionFailed if another has written since `before` was read."""
        unchanged = "#soft = :before" if before else "attribute_not_exists(#soft)"
        update = f"SET #soft = :after, #all = :all, {LIST}" if suppression else "SET #soft = :after REMOVE #all"
        values: dict[str, Any] = {":after": after} | ({":before": before} if before else {})
        with conditional():
            self._table.update_item(
                Key={"address": canonical(address)},
                UpdateExpression=update,
                ConditionExpression=f"{unchanged} AND (attribute_not_exists(#all) OR attribute_exists(#all.#until))",
                ExpressionAttributeNames={"#soft": SOFT, "#all": PREFIX + ALL, "#until": "until"},
                ExpressionAttributeValues=values
                | ({":all": stored(suppression), **listing(suppression)} if suppression else {}),
            )

    def _item(self, address: str) -> dict[str, Any]:
        return self._table.get_item(Key={"address": canonical(address)}, ConsistentRead=True).get("Item", {})


def listing(suppression: Suppression) -> dict[str, str]:
    """The values that put its address into the index."""
    return {":listed": LISTED, ":listed_at": suppression.at}


def stored(suppression: Suppression) -> dict[str, str]:
    return {name: value for name, value in asdict(suppression).items() if name != "scope" and value is not None}


def recipient_of(address: str, item: Mapping[str, Any]) -> Recipient:
    found = [Suppression(scope=scope, **item[PREFIX + scope]) for scope in SCOPES if PREFIX + scope in item]
    lifted = {scope: str(item[LIFTED + scope]) for scope in SCOPES if LIFTED + scope in item}
    return Recipient(
        address=address,
        suppressions=tuple(found),
        soft=dict(item.get(SOFT, {})),
        lifted=lifted,
        on_ses=item.get(ON_SES),
    )


def suppressed_event(address: str, suppression: Suppression) -> dict[str, Any]:
    """What the bus is told: RecipientSuppressed. Its id is the same for the same evidence."""
    what = suppression.evidence or f"{suppression.by}#{suppression.at}"
    return {
        "id": f"{what}-{suppression.scope}-{hashlib.sha256(address.encode()).hexdigest()[:12]}",
        "recipient": address,
        "scope": suppression.scope,
        "reason": suppression.reason,
        "message": suppression.message_id,
        "at": suppression.at,
        "by": suppression.by,
        "until": suppression.until,
    }


def canonical(address: str) -> str:
    """The one spelling under which an address is kept. Local parts are case-sensitive on paper (RFC 5321
    section 2.4) and nowhere in practice, so a bounce for Mia@ is one for mia@."""
    return address.strip().lower()


def domain_of(sender: str) -> str:
    """The domain of an address with or without a name, as in From."""
    return parseaddr(sender)[1].rpartition("@")[2].lower()
