"""What Google, Yahoo and Microsoft demand of marketing mail, checked before SES sees it. Pure.

Sources: Google, "Email sender guidelines" (support.google.com/a/answer/81126); Yahoo, "Sender best practices"
(senders.yahooinc.com); Microsoft, "Outlook's new requirements for high-volume senders" (2025); RFC 8058 for one-click.
What they demand of the domain, and of the complaints about it, is `mailroom doctor`'s; TLS, PTR records, Message-ID,
Date and the encoding of bodies are SES's.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from email.utils import getaddresses
from typing import TYPE_CHECKING

from lambdas.shared.outbox.request import Impossible, Request
from lambdas.shared.outbox.senders import holder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from lambdas.shared.outbox.render import Rendered

LIST_UNSUBSCRIBE, POST = "List-Unsubscribe", "List-Unsubscribe-Post"
ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058 section 3.1
LINE = 998  # octets, RFC 5322 section 2.1.1
ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\".]+(?:\.[^@\s<>,;\".]+)+")
URI = re.compile(r"<([^<>\s]+)>(?:\s*,\s*|$)")  # of a list-header (RFC 2369 section 2)
# RFC 8058 section 3.1 asks for https. A name under .localhost is this machine (RFC 6761), as the laptop's API has it.
WEB = re.compile(r"https://[^/]|http://[a-z0-9.-]+\.localhost[:/]")
TAG = re.compile(r"<[^>]*>")


class RulesBroken(Impossible):
    """The message says every rule that the mail breaks, and what to change."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What is about to be handed to SES. `domains` are those that we sign for; a trial with one address has none."""

    sender: str
    reply_to: str | None
    headers: Mapping[str, str]
    rendered: Rendered
    domains: tuple[str, ...]


def unsubscribable(request: Request, link: Callable[[str], str]) -> Request:
    """The request with the header fields by which mail programs offer to unsubscribe; a caller's own stay."""
    if LIST_UNSUBSCRIBE in request.headers:
        return request
    ours = {LIST_UNSUBSCRIBE: f"<{link(request.id)}>", POST: ONE_CLICK}
    return replace(request, headers=ours | request.headers)


def unsubscribe_address(headers: Mapping[str, str]) -> str:
    """The web address of List-Unsubscribe, which the bodies have to show; nothing if there is not one."""
    found = [uri for uri in URI.findall(headers.get(LIST_UNSUBSCRIBE, "")) if WEB.match(uri)]
    return found[0] if len(found) == 1 else ""


def check(mail: Mail) -> None:
    """RulesBroken, if a mailbox provider would have something against the mail."""
    if broken := [fault for rule in RULES for fault in rule(mail)]:
        raise RulesBroken(f"mailbox providers would refuse it as marketing: {'; '.join(broken)}")


def unseen(address: str, rendered: Rendered) -> Iterator[str]:
    """What is wrong with a template's link to unsubscribe, which leads to `address`."""
    if address not in rendered.text:
        yield "the template's text shows no link to unsubscribe: add {{ unsubscribe | url }}"
    # Up to the link's end: what stands there is what a person sees of it.
    after = rendered.html.partition(f'href="{html.escape(address)}"')[2].partition(">")[2].partition("</a>")[0]
    if not TAG.sub("", after).strip():
        yield "the template's HTML shows no link to unsubscribe: add one to {{ unsubscribe | url }}, with its words"


def _sender(mail: Mail) -> Iterator[str]:
    """One From (RFC 5322 section 3.6.2), of a domain that DKIM or SPF passes for, relaxed (RFC 7489 section 3.1)."""
    found = [address for _, address in getaddresses([mail.sender]) if address]
    if len(found) != 1 or not ADDRESS.fullmatch(found[0]):
        yield "`from` is not one address, such as 'Acme <news@acme.com>'"
        return
    domain = found[0].rpartition("@")[2].lower()
    if mail.domains and not holder(mail.domains, domain):
        yield f"`from` is of {domain}, and SES signs for {' and '.join(mail.domains)} alone, so DMARC fails"


def _reply_to(mail: Mail) -> Iterator[str]:
    if mail.reply_to is not None and not ADDRESS.fullmatch(mail.reply_to):
        yield "`reply_to` is no address"


def _subject(mail: Mail) -> Iterator[str]:
    if not mail.rendered.subject.strip():
        yield "the subject is empty"


def _header_lines(mail: Mail) -> Iterator[str]:
    for name, value in mail.headers.items():
        if len(f"{name}: {value}") > LINE or not value.isascii() or not value.isprintable():
            yield f"the header {name} is no line of up to {LINE} printable ASCII characters"


def _one_click(mail: Mail) -> Iterator[str]:
    field = mail.headers.get(LIST_UNSUBSCRIBE, "")
    others = [uri for uri in URI.findall(field) if not WEB.match(uri)]
    whole = not URI.sub("", field).strip()
    if not whole or not unsubscribe_address(mail.headers) or not all(uri.startswith("mailto:") for uri in others):
        yield f"the header {LIST_UNSUBSCRIBE} must hold one <https://…>, beside which a <mailto:…> may stand"
    if mail.headers.get(POST) != ONE_CLICK:
        yield f"the header {POST} must be {ONE_CLICK}"


def _visible_link(mail: Mail) -> Iterator[str]:
    if address := unsubscribe_address(mail.headers):
        yield from unseen(address, mail.rendered)


RULES = (_sender, _reply_to, _subject, _header_lines, _one_click, _visible_link)
