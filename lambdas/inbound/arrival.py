"""What SES wrote on top of a mail when it took it: enough to handle the mail without the notification. Pure.

SES puts its fields before the sender's own, in this order: Return-Path, Received, X-SES-Spam-Verdict,
X-SES-Virus-Verdict, Received-SPF, Authentication-Results, X-SES-RECEIPT (SES Developer Guide, "Contents of
notifications", examples). A sender can write the same names, but only further down: only the first run of fields in
that order is believed.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from lambdas.inbound.notification import Received
from lambdas.inbound.thread import without_detail
from lambdas.shared.mail import addresses, fields
from lambdas.shared.recipients import canonical
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ORDER = (
    *("return-path", "received", "x-ses-spam-verdict", "x-ses-virus-verdict", "received-spf"),
    *("authentication-results", "x-ses-receipt"),
)
RECEIVED = re.compile(
    r"by inbound-smtp\.[a-z0-9-]+\.amazonaws\.com with SMTP id (\S+?)(?: for ([^\s;]+))?\s*;\s*([^;]+)$"
)
VERDICT = re.compile(r"PASS|FAIL|GRAY|PROCESSING_FAILED|DISABLED")
# A quoted part or a comment may hold what the sender chose: the envelope's sender, the name in HELO.
CHOSEN = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')
RESULT = re.compile(r"\s*(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)


class NotBySes(Exception):
    """The message says what is missing."""


def arrived(ses_id: str, key: str, raw: bytes, mailboxes: Collection[str]) -> Received:
    """The mail in the object `key`, as SES's notification told of it. NotBySes.

    Of several recipients SES names one at most; the mailboxes of ours in To and Cc are taken for others.
    """
    header, _ = fields.read(raw, 0, len(raw))
    top = on_top(header.items)
    found = RECEIVED.search(" ".join(top.get("received", "").split()))
    if not found or found[1] != ses_id:
        raise NotBySes(f"{key} does not begin with the Received field that SES writes, with the id {ses_id}")
    results = authentication(top.get("authentication-results", ""))
    named = (
        address.email for name in ("To", "Cc") for value in header.every(name) for address in addresses.read(value)
    )
    ours = [address for address in named if without_detail(canonical(address)) in mailboxes]
    return Received(
        ses_id=ses_id,
        at=moment(found[3], key),
        source=top.get("return-path", "").strip("<> "),
        recipients=tuple(dict.fromkeys([*([found[2].strip("<>")] if found[2] else []), *ours])),
        raw_key=key,
        spam=verdict(top.get("x-ses-spam-verdict", "")),
        virus=verdict(top.get("x-ses-virus-verdict", "")),
        **{kind: results.get(kind, "DISABLED") for kind in ("spf", "dkim", "dmarc")},
    )


def on_top(items: Collection[tuple[str, str]]) -> Mapping[str, str]:
    """The first run of fields in SES's order."""
    found: dict[str, str] = {}
    place = 0
    for name, value in items:
        if name not in ORDER[place:]:
            break
        place = ORDER.index(name) + 1
        found[name] = value
    return found


def verdict(value: str) -> str:
    return value if VERDICT.fullmatch(value) else "DISABLED"


def authentication(value: str) -> dict[str, str]:
    """The verdicts of an Authentication-Results field (RFC 8601) as a notification has them. Where a method is there
    more than once, the worst counts: a second one may be the sender's words within the first."""
    server, _, results = CHOSEN.sub("", value).partition(";")
    found: dict[str, set[str]] = {}
    for result in results.split(";") if server.strip() == "amazonses.com" else ():
        if match := RESULT.match(result):
            found.setdefault(match[1].lower(), set()).add(match[2].lower())
    return {method: worst(said) for method, said in found.items()}


def worst(said: set[str]) -> str:
    if said == {"pass"}:
        return "PASS"
    return "FAIL" if "fail" in said else "GRAY"


def moment(date: str, key: str) -> str:
    try:
        return iso(parsedate_to_datetime(date))
    except (ValueError, TypeError, IndexError, OverflowError):
        raise NotBySes(f"{key}: the Received field that SES writes has no date") from None
