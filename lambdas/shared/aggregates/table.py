"""The reports table: aggregate reports, each once.

    pk                  sk                item
    DMARC#<domain>      <day>#<hash>      a DMARC report on a domain of the stage or one below it, by the first day of
                                          its period
    TLS#<domain>        <day>#<hash>      a TLS report, likewise

The hash is of who sent a report, by the domain that was authenticated, of what it says its organisation and its id are,
and of its domain: a report that comes again has the same key. One that somebody else sends in another's name has
another key, and so never stands in the way of that one's.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import asdict, fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lambdas.shared.aggregates import limits
from lambdas.shared.aggregates.report import (
    DMARC,
    TLS,
    DmarcReport,
    Failure,
    Policy,
    Report,
    Row,
    Sender,
    TlsPolicy,
    TlsReport,
)
from lambdas.shared.dynamodb import ConditionFailed, conditional
from lambdas.shared.timestamps import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb.service_resource import Table

KEPT = timedelta(days=400)
PACKED = 300_000  # bytes of rows in an item, which holds 400 KB: some 20,000 rows


class Reports:
    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, home: str, report: Report, sender: Sender) -> bool:
        """Keep a report with those on the stage's domain `home`. False if it is there already, by another mail."""
        try:
            with conditional():
                self._table.put_item(
                    Item=item_of(home, report, sender),
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as there:
            return bool(there.item["sender"]["mail"] == sender.mail)
        return True

    def dmarc(self, home: str, since: str) -> Iterator[tuple[DmarcReport, Sender]]:
        """The reports on a domain of the stage, and what is below it, whose periods begin on this day or later."""
        for item in self._query(partition(DMARC, home), since):
            yield dmarc_of(item), Sender(**item["sender"])

    def tls(self, home: str, since: str) -> Iterator[tuple[TlsReport, Sender]]:
        for item in self._query(partition(TLS, home), since):
            yield tls_of(item), Sender(**item["sender"])

    def _query(self, pk: str, since: str) -> Iterator[dict[str, Any]]:
        query: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk AND sk >= :since",
            "ExpressionAttributeValues": {":pk": pk, ":since": since},
        }
        while True:
            page = self._table.query(**query)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def partition(kind: str, home: str) -> str:
    return f"{kind.upper()}#{home}"


def item_of(home: str, report: Report, sender: Sender) -> dict[str, Any]:
    named = "\0".join((sender.domain, report.organisation, report.id, report.domain))
    day = report.begin[:10]
    return {
        "pk": partition(report.kind, home),
        "sk": f"{day}#{hashlib.sha256(named.encode()).hexdigest()}",
        "sender": asdict(sender),
        **{name: getattr(report, name) for name in COMMON},
        **(_dmarc_item(report) if isinstance(report, DmarcReport) else _tls_item(report)),
        "expires_ttl": int((parsed(report.begin) + KEPT).timestamp()),
    }


COMMON = ("id", "domain", "begin", "end", "organisation", "contact")


def _dmarc_item(report: DmarcReport) -> dict[str, Any]:
    return {"policy": asdict(report.policy), "rows": pack(report.rows)}


def dmarc_of(item: dict[str, Any]) -> DmarcReport:
    given = item["policy"]
    policy = Policy(**given | {"percent": int(given["percent"])})
    return DmarcReport(**{name: item[name] for name in COMMON}, policy=policy, rows=unpack(bytes(item["rows"])))


def _tls_item(report: TlsReport) -> dict[str, Any]:
    """With as many failures of each policy as an item holds."""
    most = limits.FAILURES
    while True:
        told = [replace(policy, failures=policy.failures[:most]) for policy in report.policies]
        packed = _packed([asdict(policy) for policy in told])
        if len(packed) <= PACKED:
            return {"policies": packed}
        most //= 2


def tls_of(item: dict[str, Any]) -> TlsReport:
    policies = (
        TlsPolicy(**given | {"failures": tuple(Failure(**failure) for failure in given["failures"])})
        for given in json.loads(zlib.decompress(bytes(item["policies"])))
    )
    return TlsReport(**{name: item[name] for name in COMMON}, policies=tuple(policies))


def pack(rows: tuple[Row, ...]) -> bytes:
    """As many rows as an item holds, from the largest; the others are added up, without their sources."""
    kept: tuple[Row, ...] = rows
    rest: tuple[Row, ...] = ()
    while True:
        packed = _packed([_written(row) for row in (*kept, *added_up(rest))])
        if len(packed) <= PACKED:
            return packed
        half = len(kept) // 2
        kept, rest = kept[:half], (*kept[half:], *rest)


def added_up(rows: tuple[Row, ...]) -> list[Row]:
    """One row for each way that DMARC ended, of however many sources."""
    counts: dict[Row, int] = {}
    for row in rows:
        way = Row(
            source="",
            count=0,
            disposition=row.disposition,
            dkim=row.dkim,
            spf=row.spf,
            header_from="",
            overrides=(ADDED_UP,),
        )
        counts[way] = counts.get(way, 0) + row.count
    return [replace(row, count=count) for row, count in counts.items()]


ADDED_UP = "added up"


def unpack(packed: bytes) -> tuple[Row, ...]:
    return tuple(map(_read, json.loads(zlib.decompress(packed))))


def _written(row: Row) -> list[Any]:
    return [getattr(row, name) for name in NAMES]


def _read(values: list[Any]) -> Row:
    given = dict(zip(NAMES, values, strict=True))
    pairs = {name: tuple(map(tuple, given[name])) for name in ("signatures", "envelope")}
    return Row(**given | pairs | {"overrides": tuple(given["overrides"])})


NAMES = tuple(field.name for field in fields(Row))


def _packed(value: object) -> bytes:
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 9)
