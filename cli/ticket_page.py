"""A ticket as one page for a browser: its mails as they were meant to look, with nothing that runs or fetches."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minijinja import Environment

from cli.output import line, moment, paragraphs
from lambdas.shared.mail.mail import Mail, Unreadable
from lambdas.shared.mail.parse import parse
from lambdas.shared.mail.safe_html import safe_html

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lambdas.shared.tickets.ticket import Attachment, Ticket, TicketMessage

# Pictures by their first bytes, whatever the mail says that they are. SVG is a document, not among them.
_PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def ticket_page(
    ticket: Ticket,
    messages: Sequence[TicketMessage],
    raw: Callable[[str], bytes | None],
    link: Callable[[Attachment], str],
    *,
    remote: bool,
) -> str:
    """The page, in one file that needs no other, messages in the order given.

    `raw` gives the received mail of a `raw_key`, None where the bucket has it no longer: its text is shown then. `link`
    gives the address of an attachment. `remote` lets mails fetch their images (by https alone), which tells their
    senders; without it nothing is fetched at all.
    """
    template = Path(__file__).with_name("ticket_page.html").read_text(encoding="utf-8")
    environment = Environment(templates={"ticket_page.html": template}, undefined_behavior="strict")
    return environment.render_template(
        "ticket_page.html",
        title=f"Ticket {ticket.number}: {line(ticket.subject)}",
        images="data: https:" if remote else "data:",
        facts=_facts(ticket),
        messages=[_shown(message, raw, link, remote=remote) for message in messages],
    )


def _facts(ticket: Ticket) -> dict[str, str]:
    return {
        "Status": line(ticket.status),
        "Priority": line(ticket.priority),
        "Assignee": line(ticket.assignee or ""),
        "Tags": line(", ".join(sorted(ticket.tags))),
        "Mailbox": line(ticket.mailbox),
        "Requester": _person(ticket.requester_name, ticket.requester),
        "Participants": line(", ".join(sorted(ticket.participants))),
        "Opened": f"{moment(ticket.created_at)} UTC",
        "Updated": f"{moment(ticket.updated_at)} UTC",
    }


def _shown(
    message: TicketMessage, raw: Callable[[str], bytes | None], link: Callable[[Attachment], str], *, remote: bool
) -> dict[str, Any]:
    said = [line(", ".join(message.flags))] if message.flags else []
    html = ""
    if mail := _mail(message, raw):
        safe = safe_html(mail.html or "", _images(mail), remote=remote)
        html = safe.html if (mail.html or "").strip() else ""
        if safe.blocked:
            said.append(f"Not shown: {safe.blocked} remote image{'s' * (safe.blocked > 1)}.")
    return {
        "class": message.kind if message.kind in ("note", "change") else "mail",
        "kind": "" if message.kind == "mail" else line(message.kind),
        "sender": _person(message.sender_name, message.sender),
        "at": moment(message.at),
        "html": html,
        "text": paragraphs(message.text or message.reply),
        "said": said + ([line(f"{message.before} → {message.after}")] if message.after else []),
        "files": [_file(file, link) for file in message.attachments],
    }


def _mail(message: TicketMessage, raw: Callable[[str], bytes | None]) -> Mail | None:
    """The mail itself, where there is one that can be read."""
    data = raw(message.raw_key) if message.raw_key else None
    try:
        return parse(data) if data else None
    except Unreadable:
        return None


def _images(mail: Mail) -> dict[str, str]:
    """The mail's own pictures by their Content-ID, as addresses that need no network (RFC 2397)."""
    return {
        file.content_id: f"data:{kind};base64,{b64encode(file.content).decode()}"
        for file in mail.attachments
        if file.content_id and (kind := _picture(file.content))
    }


def _picture(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _PICTURES.items() if content.startswith(start)), "")


def _file(file: Attachment, link: Callable[[Attachment], str]) -> dict[str, Any]:
    name = line(file.filename) or "(no name)"
    return {"name": name, "type": line(file.content_type), "size": file.size, "url": link(file)}


def _person(name: str, address: str) -> str:
    return line(f"{name} <{address}>" if name else address)
