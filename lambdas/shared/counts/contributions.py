"""In which counters a message counts, read from its item. Pure.

A message counts 1 in a cell or not at all, so that a cell is the number of its messages whatever the order of their
events, and however often they came. The counters follow the changes of the messages table: for each, one less where the
item counted before, and one more where it counts now (lambdas/counts/fold.py).

    DAY#2026-11-21      <stream>#template#<template>    messages by the day SES took them; those it never got, by the
    DAY#2026-11-21      <stream>#domain#<domain>        day they were asked for. All of OUTCOMES.
    HOUR#2026-11-21T10  <stream>#<from-domain>          sent, bounced, complained, by the hour it happened

No item, whatever is in it, may fail here: it would stop the counting of all that come after.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambdas.shared.messages import EVENT, FAILED, LIMITED, REFUSED, SUPPRESSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Cell = tuple[str, str, str]  # partition key, sort key, counter
Told = tuple[str, object]  # an outcome, and when it happened

TRANSACTIONAL, MARKETING, FOREIGN = "transactional", "marketing", "foreign"
STREAMS = (TRANSACTIONAL, MARKETING, FOREIGN)  # foreign: what another application sent through the identity
TEMPLATE, DOMAIN = "template", "domain"
DAY, HOUR = "DAY#", "HOUR#"
OUTCOMES = (
    "sent",  # SES took it
    "delivered",
    "bounced_permanent",  # as AWS counts them: without what a suppression list of ours stopped
    "bounced_transient",
    "bounced_undetermined",
    "complained",
    "opened",
    "clicked",
    "opened_bot",  # by scanners only
    "clicked_bot",
    "delayed",
    "suppressed",  # by us before SES got it, or by SES's list of the account or tenant
    "failed",  # ended without a mail for any other reason
)
HOURLY = {"bounced_permanent": "bounced", "complained": "complained"}
WITHOUT_MAIL = {FAILED: "failed", REFUSED: "failed", LIMITED: "failed", SUPPRESSED: "suppressed"}
BOUNCES = {"Permanent": "bounced_permanent", "Transient": "bounced_transient"}
LISTED = (
    "SuppressionList"  # ends the subtypes that AWS does not count (SES, notification contents): OnAccount-, OnTenant-
)
NAME_LENGTH = 200  # characters; a sort key has 1024 bytes, and only other applications' names are as long
UNKNOWN, SEVERAL = "unknown", "several"
YEARS = range(1980, 2200)
END = datetime(YEARS.stop + 1, 1, 1, tzinfo=UTC)


def contributions(item: Mapping[str, Any]) -> frozenset[Cell]:
    """The cells in which a message counts. None of a message that is not there (an empty item)."""
    told = [
        (outcome, event.get("at"))
        for name, event in item.items()
        if name.startswith(EVENT) and (outcome := outcome_of(event))
    ]
    stream = item.get("stream")
    stream = stream if stream in STREAMS else FOREIGN
    return frozenset((*_by_day(item, told, stream), *_by_hour(item, told, stream)))


def _by_day(item: Mapping[str, Any], told: list[Told], stream: str) -> list[Cell]:
    found = outcomes(item, told)
    at = moment(item.get("sent_at") or item.get("created_at")) if found else None
    if not at:
        return []
    pk = f"{DAY}{at.isoformat()[:10]}"
    template = f"{stream}#{TEMPLATE}#{str(item.get('template', ''))[:NAME_LENGTH]}"
    domain = f"{stream}#{DOMAIN}#{domain_of(str(item.get('recipient', '')))}"
    return [(pk, sk, outcome) for sk in (template, domain) for outcome in found]


def _by_hour(item: Mapping[str, Any], told: list[Told], stream: str) -> Iterator[Cell]:
    sk = f"{stream}#{str(item.get('from_domain') or UNKNOWN).lower()[:NAME_LENGTH]}"
    happened = [("sent", item.get("sent_at")), *((HOURLY[outcome], at) for outcome, at in told if outcome in HOURLY)]
    first: dict[str, datetime] = {}
    for counter, time in happened:
        if (at := moment(time)) and at < first.get(counter, END):
            first[counter] = at
    for counter, at in first.items():
        yield f"{HOUR}{at.isoformat()[:13]}", sk, counter


def outcomes(item: Mapping[str, Any], told: list[Told]) -> set[str]:
    found = {outcome for outcome, _ in told}
    if "sent_at" in item:
        found.add("sent")
    elif ended := WITHOUT_MAIL.get(str(item.get("state"))):
        found.add(ended)
    for person, bot in (("opened", "opened_bot"), ("clicked", "clicked_bot")):
        if person in found:
            found.discard(bot)
    return found


def outcome_of(event: Mapping[str, Any]) -> str | None:
    """What an event says of its message, if it is counted."""
    facts = event.get("facts") or {}
    find = FINDERS.get(str(event.get("kind")))
    return find(facts) if find else None


def bounced(facts: Mapping[str, Any]) -> str:
    if str(facts.get("subtype")).endswith(LISTED):
        return "suppressed"
    return BOUNCES.get(str(facts.get("type")), "bounced_undetermined")


def complained(facts: Mapping[str, Any]) -> str | None:
    if facts.get("type") == "not-spam":  # the opposite of a complaint
        return None
    return "suppressed" if str(facts.get("subtype")).endswith(LISTED) else "complained"


def engaged(outcome: str) -> Callable[[Mapping[str, Any]], str]:
    """SES says of opens and clicks whether a scanner did it: Likely or Unlikely; nothing before August 2026."""
    return lambda facts: f"{outcome}_bot" if facts.get("bot") == "Likely" else outcome


def always(outcome: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda _facts: outcome


FINDERS: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    "Delivery": always("delivered"),
    "DeliveryDelay": always("delayed"),
    "Bounce": bounced,
    "Complaint": complained,
    "Open": engaged("opened"),
    "Click": engaged("clicked"),
    "Reject": always("failed"),
    "Rendering Failure": always("failed"),
}


def moment(time: object) -> datetime | None:
    """A stored time in UTC; None of what is no time of a mail."""
    try:
        at = datetime.fromisoformat(str(time))
    except ValueError:
        return None
    if at.year not in YEARS:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def domain_of(recipients: str) -> str:
    """The domain of a message's recipient; mail of other applications may have recipients at several."""
    domains = {part.rpartition("@")[2].strip(" >").lower() for part in recipients.split(", ") if "@" in part}
    if len(domains) > 1:
        return SEVERAL
    return (domains.pop() if domains else "")[:NAME_LENGTH] or UNKNOWN
