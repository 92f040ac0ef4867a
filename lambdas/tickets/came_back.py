"""Our own event MailBounced, of a mail that belongs to a ticket. Pure."""

from __future__ import annotations

from typing import Any

from lambdas.shared.queue import Rejected

BY = "mailroom"


def came_back(event: dict[str, Any]) -> dict[str, Any] | None:
    """The command that notes it on the ticket, for the team to see; None for what may have been an absence note.

    SES calls a bounce without a known reason Transient/General, and an out-of-office reply may look like one (SES
    Developer Guide, "Contents of notifications").
    """
    match event.get("detail"):
        case {"facts": {"type": "Transient", "subtype": "General"}}:
            return None
        case {"id": str(id), "ticket": str(ticket), "recipients": list(who), "at": str(at), "facts": dict(facts)}:
            why = " ".join(str(facts[name]) for name in ("type", "subtype", "diagnostic") if facts.get(name))
            text = f"A mail of this ticket to {', '.join(map(str, who))} came back: {why}"
            return {"id": f"bounce-{id}", "time": at, "detail": {"ticket": int(ticket), "by": BY, "text": text}}
    raise Rejected("no MailBounced event of a ticket's mail")
