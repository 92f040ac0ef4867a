"""Mail by which the team handles a ticket: its answers, and reports that a mail of ours came back. Pure."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lambdas.inbound.judge import flags
from lambdas.inbound.keep import REASON, author, cut, stored
from lambdas.inbound.thread import answered, ours
from lambdas.shared.tickets.ticket import CLOSED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail
    from lambdas.shared.tickets.ticket import Delivery, Ticket

ANSWER = "answer"  # the outcome of a member's mail that goes on to the customer
NOTE = "note"  # and of one that only the team sees
TEXT = 60_000  # bytes: a command is a message of 256 KB in SQS, with the names of its files
FILES, NOTED_FILES = 20, 100  # those of a SendMail (docs/events/SendMail.json); of a note
BOUNCES = 10  # told of one report
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def not_sent(received: Received, mail: Mail, ticket: Ticket) -> str:
    """Why a team member's mail does not go on to the customer; empty if it does."""
    reasons = {
        f"DMARC did not pass for {author(received, mail)}": received.dmarc != "PASS",
        f"the ticket is closed{next_one(ticket)}": ticket.status == CLOSED,
        "it came by a mailing list": mail.kind != "mail",
        "no new text was found in it": not said(mail.reply),
        f"its text has more than {TEXT:,} bytes": len(said(mail.reply).encode()) > TEXT,
        f"it has more than {FILES} attachments": len(mail.attachments) > FILES,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def next_one(ticket: Ticket) -> str:
    return f", and ticket {ticket.followed_by} goes on with it" if ticket.followed_by else ""


def answer(filed: Delivery, received: Received, mail: Mail) -> dict[str, Any]:
    """The detail of AnswerTicket."""
    return detail(filed, received, mail) | {"text": said(mail.reply)}


def note(filed: Delivery, received: Received, mail: Mail) -> dict[str, Any]:
    """The detail of NoteTicket for a member's mail that was not sent."""
    text = said(mail.reply) or said(mail.text or "") or "(no text)"
    doubts = [f"not sent to the customer: {plain(filed.reason)}", *flags(received)]
    return detail(filed, received, mail) | {"text": cut(text, TEXT), "flags": [cut(doubt, REASON) for doubt in doubts]}


def detail(filed: Delivery, received: Received, mail: Mail) -> dict[str, Any]:
    files = [asdict(file) | {"filename": plain(file.filename)} for file in stored(received, mail)[:NOTED_FILES]]
    return {"ticket": filed.ticket, "by": by(received, mail), "raw_key": received.raw_key, "attachments": files}


def report(filed: Delivery, received: Received, mail: Mail) -> dict[str, Any]:
    """The detail of NoteTicket for a bounce, or a complaint, that came as mail."""
    text = "\n".join(told(mail))
    return {
        "ticket": filed.ticket,
        "by": by(received, mail),
        "raw_key": received.raw_key,
        "text": cut(said(text), TEXT),
    }


def told(mail: Mail) -> Iterator[str]:
    if mail.kind == "complaint":
        yield f"A mail of this ticket was called spam by who got it ({'; '.join(mail.reasons)})"
        return
    for bounced in mail.bounces[:BOUNCES]:
        why = cut(bounced.diagnostic, REASON) or "no reason given"
        yield " ".join(f"The mail to {bounced.recipient} came back: {bounced.status} {why}".split())
    if not mail.bounces:
        yield f"A mail of this ticket came back ({'; '.join(mail.reasons)})"


def reported(mail: Mail) -> list[str]:
    """The SES ids of the mails that a report may be about, the likeliest first."""
    named = [mail.original_message_id or "", *answered(mail)]
    return list(dict.fromkeys(ses_id for message_id in named if (ses_id := ours(message_id))))


def said(text: str) -> str:
    return cut(plain(text), 2 * TEXT).strip()


def by(received: Received, mail: Mail) -> str:
    return plain(author(received, mail)).strip() or "a mail without a sender"


def plain(text: str) -> str:
    return NOT_TEXT.sub("", text)
