"""Whose mail becomes tickets. The MX record of a mailbox's domain sends all of its mail to SES, which refuses what is
for no mailbox; so where people get mail at the domain, mailboxes need a sub-domain."""

from __future__ import annotations

from email.utils import parseaddr
from typing import TYPE_CHECKING

from cli.init.dialogue import NONE
from infra.settings_rules import RECEIVING_REGIONS

if TYPE_CHECKING:
    from cli.init.draft import Draft


def mailboxes(draft: Draft) -> None:
    for given in draft.options.mailboxes:
        one_more(draft, "", given=given, default=None)
    if draft.options.mailboxes or not draft.dialogue.asks:
        return
    if draft.region not in RECEIVING_REGIONS:
        draft.dialogue.say(f"SES receives no mail in {draft.region}, so there are no mailboxes.")
        return
    place = domain_for(draft)
    product = parseaddr(draft.settings["sender"])[0]
    question, default = (
        f"A mailbox whose mail becomes tickets ({NONE} for none)",
        f"{product} Support <support@{place}>",
    )
    while one_more(draft, question, given=None, default=default.strip()):
        question, default = f"Another one ({NONE} for no more)", NONE


def domain_for(draft: Draft) -> str:
    server = draft.around.mail_of(draft.domain, draft.region)
    if not server:
        return draft.domain
    place = draft.around.free_below(draft.domain)
    draft.dialogue.say(f"Mail to {draft.domain} goes to {server}: mailboxes get a sub-domain, such as {place}.")
    return place


def one_more(draft: Draft, question: str, *, given: str | None, default: str | None) -> bool:
    """Whether there is one."""
    while True:
        answer = draft.dialogue.value(
            question,
            option="--mailbox",
            given=given,
            default=default,
            fault=lambda answer: "" if answer == NONE else draft.fault({"mailboxes": [*known(draft), read(answer)]}),
        )
        if answer == NONE:
            return False
        if may_move(draft, parseaddr(answer)[1].rpartition("@")[2], asks=given is None):
            draft.settings["mailboxes"] = [*known(draft), read(answer)]
            return True


def may_move(draft: Draft, domain: str, *, asks: bool) -> bool:
    """Whether all mail to the domain may go to SES."""
    server = draft.around.mail_of(domain, draft.region)
    if not server:
        return True
    moves = f"All mail to {domain}, which goes to {server} now, would come here instead"
    if asks:
        return draft.dialogue.sure(f"{moves}. Do you want that?", default=False)
    draft.around.notes.append(f"{moves}: give the mailbox a sub-domain, such as {draft.around.free_below(domain)}.")
    return True


def known(draft: Draft) -> list[dict[str, str]]:
    found: list[dict[str, str]] = draft.settings.get("mailboxes", [])
    return found


def read(answer: str) -> dict[str, str]:
    """`Name <address>` as the setting has it; an address alone is its own name."""
    name, address = parseaddr(answer)
    return {"name": name or address, "address": address}
