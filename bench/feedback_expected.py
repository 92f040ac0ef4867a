"""What must be in the tables after these mails, worked out from them alone: no code of feedback or counts is used."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.feedback_mails import Mail, Said

Entry = tuple[str, str, str | None, str | None, str | None]  # kind, time, type, subtype, whether a scanner did it
Cell = tuple[str, str, str]
MOST_OPENS = 25  # that are kept of a mail
SOFT, WITHIN = 5, timedelta(days=14)
ONE_STREAM = ("OnAccountSuppressionList", "OnTenantSuppressionList", "UnsubscribedRecipient")
LISTED = ("OnAccountSuppressionList", "OnTenantSuppressionList")


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """`stopped` is why and until when, by scope; `soft` when the soft bounces were that count."""

    stopped: dict[str, tuple[str, str | None]]
    soft: list[str]


@dataclass(kw_only=True)
class Reasons:
    stops: defaultdict[str, list[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(list))
    soft: list[Any] = field(default_factory=list)


def sent_at(mail: Mail) -> str:
    return iso(mail.sent_at or mail.taken_at)


def timeline(mail: Mail) -> set[Entry]:
    """All but that SES took it."""
    found = {entry(said) for said in mail.said if said.kind != "Send"}
    for bot in ("Likely", "Unlikely"):
        opens = sorted((one for one in found if one[0] == "Open" and one[4] == bot), key=lambda one: one[1])
        found -= set(opens[MOST_OPENS:])
    return found


def entry(said: Said) -> Entry:
    bot = ("Likely" if said.bot else "Unlikely") if said.kind in ("Open", "Click") else None
    return said.kind, iso(said.at), said.type or None, said.subtype or None, bot


def recipients(mails: Iterable[Mail]) -> dict[str, Recipient]:
    """Those of whom anything is known."""
    reasons: defaultdict[str, Reasons] = defaultdict(Reasons)
    for mail in mails:
        for said in mail.said:
            for address in [said.recipient] if said.recipient else mail.recipients:
                note(reasons, address, mail, said)
    return {address: settled(found) for address, found in reasons.items()}


def note(reasons: defaultdict[str, Reasons], address: str, mail: Mail, said: Said) -> None:
    stream = "marketing" if mail.stream == "foreign" else mail.stream
    key = f"{said.kind}#{said.id}"
    if said.kind == "Subscription":
        reasons[address].stops["marketing"].append(
            (iso(said.at), key, "unsubscribed from SES's contact list Customers")
        )
    elif said.kind == "Complaint" and said.type != "not-spam":
        reasons[address].stops[stream].append((iso(said.at), key, f"complaint ({said.type or 'no type given'})"))
    elif said.kind == "Bounce" and said.type == "Permanent" and said.subtype != "NoEmail":
        scope = stream if said.subtype in ONE_STREAM else "all"
        reasons[address].stops[scope].append((iso(said.at), key, f"permanent bounce ({said.subtype})"))
    elif said.kind == "Bounce" and said.type != "Permanent" and said.subtype != "General":
        reasons[address].soft.append(said.at)


def settled(reasons: Reasons) -> Recipient:
    stopped: dict[str, tuple[str, str | None]] = {
        scope: (min(found)[2], None) for scope, found in reasons.stops.items()
    }
    if "all" in stopped or not reasons.soft:
        return Recipient(stopped=stopped, soft=[])
    last = max(reasons.soft)
    counted = sorted(at for at in reasons.soft if at > last - WITHIN)
    if len(counted) >= SOFT:
        stopped["all"] = ("soft bounces (5 in 14 days)", iso(last + WITHIN))
    return Recipient(stopped=stopped, soft=[iso(at) for at in counted])


def told(mails: Sequence[Mail]) -> set[tuple[str, str, str]]:
    """What the bus must have heard: (detail-type, message, when), and of recipients (detail-type, address, scope)."""
    known = recipients(mails).items()
    found = {("RecipientSuppressed", address, scope) for address, recipient in known for scope in recipient.stopped}
    for mail in mails:
        names = {"Bounce": "MailBounced", "Complaint": "MailComplained"}
        if mail.ticket and not mail.identity:  # which has no tag that names the ticket
            names |= {"Send": "MailSent", "Delivery": "MailDelivered"}
        found |= {(names[said.kind], mail.id, iso(said.at)) for said in mail.said if said.kind in names}
    return found


def counts(mails: Iterable[Mail]) -> Counter[Cell]:
    found: Counter[Cell] = Counter()
    for mail in mails:
        for outcome in outcomes(mail):
            day = f"DAY#{sent_at(mail)[:10]}"
            found[day, f"{mail.stream}#template#{mail.template}", outcome] += 1
            found[day, f"{mail.stream}#domain#{domain(mail)}", outcome] += 1
        for counter, at in by_hour(mail):
            found[f"HOUR#{at[:13]}", f"{mail.stream}#{mail.from_domain}", counter] += 1
    return found


def domain(mail: Mail) -> str:
    domains = {address.partition("@")[2] for address in mail.recipients}
    return domains.pop() if len(domains) == 1 else "several"


def outcomes(mail: Mail) -> set[str]:
    kinds = {said.kind for said in mail.said}
    bounces = [said for said in mail.said if said.kind == "Bounce"]
    spam = [said for said in mail.said if said.kind == "Complaint" and said.type != "not-spam"]
    opened = {said.bot for said in mail.said if said.kind == "Open"}
    clicked = {said.bot for said in mail.said if said.kind == "Click"}
    holds = {
        "sent": True,
        "delivered": "Delivery" in kinds,
        "delayed": "DeliveryDelay" in kinds,
        "failed": bool(kinds & {"Reject", "Rendering Failure"}),
        "bounced_permanent": any(said.type == "Permanent" and said.subtype not in LISTED for said in bounces),
        "bounced_transient": any(said.type == "Transient" for said in bounces),
        "bounced_undetermined": any(said.type == "Undetermined" for said in bounces),
        "suppressed": any(said.subtype in LISTED for said in (*bounces, *spam)),
        "complained": any(said.subtype not in LISTED for said in spam),
        "opened": False in opened,
        "opened_bot": opened == {True},
        "clicked": False in clicked,
        "clicked_bot": clicked == {True},
    }
    return {outcome for outcome, does in holds.items() if does}


def by_hour(mail: Mail) -> Iterator[tuple[str, str]]:
    """What happened when, each the first time."""
    yield "sent", sent_at(mail)
    mine = [said for said in mail.said if said.subtype not in LISTED]
    if hard := [said.at for said in mine if said.kind == "Bounce" and said.type == "Permanent"]:
        yield "bounced", iso(min(hard))
    if spam := [said.at for said in mine if said.kind == "Complaint" and said.type != "not-spam"]:
        yield "complained", iso(min(spam))
