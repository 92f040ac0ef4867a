"""Our own events MailBounced and MailFailed, of a mail that belongs to a ticket. Pure."""

from __future__ import annotations

from typing import Any

from lambdas.shared.queue import Rejected
from lambdas.shared.tickets.ticket import MAILROOM


def not_received(event: dict[str, Any]) -> dict[str, Any] | None:
    """The command that notes it on the ticket, for the team to see; None for what may have been an absence note, and
    for what came as mail, which `inbound` has noted.

    SES calls a bounce without a known reason Transient/General, and an out-of-office reply may look like one (SES
    Developer Guide, "Contents of notifications").
    """
    detail = event.get("detail") or {}
    match detail:
        case {"facts": {"type": "Transient", "subtype": "General"}} | {"facts": {"reported_by": "mail"}}:
            return None
        case {"recipients": list(who), "facts": dict(facts)}:
            why = " ".join(str(facts[name]) for name in ("type", "subtype", "diagnostic") if facts.get(name))
            return noted(detail, f"A mail of this ticket to {', '.join(map(str, who))} came back: {why}")
        case {"recipient": str(who), "state": str(state), "reason": str(reason)}:
            return noted(detail, f"A mail of this ticket to {who} was not sent ({state}): {reason}")
    raise unknown()


def noted(detail: dict[str, Any], text: str) -> dict[str, Any]:
    match detail:
        case {"id": str(id), "ticket": str(ticket), "at": str(at)} if ticket.isdecimal():
            return {"id": f"mail-{id}", "time": at, "detail": {"ticket": int(ticket), "by": MAILROOM, "text": text}}
    raise unknown()


def unknown() -> Rejected:
    return Rejected("no event of a ticket's mail")
