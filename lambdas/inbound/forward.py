"""A customer's mail that came to a team member, who sends it on to the mailbox. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.inbound.judge import ADDRESS
from lambdas.inbound.keep import NAME, SENDER, SUBJECT, TEXT, Asked, author, cut
from lambdas.inbound.thread import without_detail
from lambdas.shared.mail.forwards import forwarded
from lambdas.shared.recipients import canonical

if TYPE_CHECKING:
    from collections.abc import Collection

    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail
    from lambdas.shared.tickets.ticket import Mailbox


def forwarded_by(received: Received, mail: Mail, mailbox: Mailbox, own: Collection[str]) -> Asked | None:
    """The customer, and what they wrote, if this is a mail by which a member of the mailbox's team forwards theirs.

    What a mail says that it forwards, anybody could write: only a member is believed, whose address passed DMARC.
    """
    member = author(received, mail)
    if received.dmarc != "PASS" or mail.kind != "mail" or canonical(member) not in mailbox.team:
        return None
    found = forwarded(mail)
    email = canonical(found.sender.email) if found else ""
    if not found or not ADDRESS.fullmatch(email) or without_detail(email) in {*own, canonical(member)}:
        return None
    return Asked(
        email=cut(found.sender.email, SENDER),
        name=cut(found.sender.name, NAME),
        subject=cut(found.subject or mail.subject, SUBJECT),
        text=cut(found.text or mail.reply, TEXT),
        flag=f"forwarded by {member}",
    )
