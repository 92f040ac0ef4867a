"""Those who get no mail, or not all: the index `suppressed` of the recipients table, and many addresses at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key

from lambdas.shared.recipients import LISTED, Recipient, canonical, recipient_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_dynamodb.service_resource import Table

INDEX = "suppressed"
PLACE = ("address", "listed", "listed_at")
PAGE = 500  # recipients, of some hundred bytes each
AT_ONCE = 100  # keys of one BatchGetItem


@dataclass(frozen=True, kw_only=True)
class Page:
    """`next` is where the page after this one begins; None if there is none."""

    recipients: list[Recipient]
    next: dict[str, Any] | None


class Suppressed:
    def __init__(self, table: Table) -> None:
        self._table = table

    def page(self, start: Mapping[str, Any] | None = None, limit: int = PAGE) -> Page:
        """The newest first. Among them are those for whom it has ended by itself."""
        more: dict[str, Any] = {"ExclusiveStartKey": start} if start else {}
        key = Key("listed").eq(LISTED)
        read = self._table.query(
            IndexName=INDEX, KeyConditionExpression=key, ScanIndexForward=False, Limit=limit, **more
        )
        found = [recipient_of(str(item["address"]), item) for item in read["Items"]]
        return Page(recipients=found, next=read.get("LastEvaluatedKey"))

    def place(self, address: str) -> dict[str, Any] | None:
        """Where a page after this address begins; None if it is not in the index."""
        item = self._table.get_item(Key={"address": canonical(address)}).get("Item", {})
        return {name: item[name] for name in PLACE} if "listed" in item else None

    def all(self, start: Mapping[str, Any] | None = None, at_once: int = PAGE) -> Iterator[Recipient]:
        page = self.page(start, at_once)
        yield from page.recipients
        while page.next:
            page = self.page(page.next, at_once)
            yield from page.recipients

    def about(self, addresses: Sequence[str]) -> dict[str, Recipient]:
        """What is known of each, suppressed or not, by its canonical address. Reads are eventually consistent."""
        wanted = list(dict.fromkeys(map(canonical, addresses)))
        found = {address: Recipient(address=address) for address in wanted}
        for first in range(0, len(wanted), AT_ONCE):
            for item in self._items(wanted[first : first + AT_ONCE]):
                found[str(item["address"])] = recipient_of(str(item["address"]), item)
        return found

    def _items(self, addresses: list[str]) -> Iterator[dict[str, Any]]:
        name = self._table.name
        wanted: Any = {name: {"Keys": [{"address": address} for address in addresses]}}
        while wanted:
            answer = self._table.meta.client.batch_get_item(RequestItems=wanted)
            yield from answer["Responses"].get(name, [])
            wanted = answer.get("UnprocessedKeys")
