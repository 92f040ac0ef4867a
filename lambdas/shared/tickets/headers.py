"""Header fields of what is sent about a ticket. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# SES takes headers whose name and value together have at most 996 printable ASCII characters; ids come from outside.
HEADER = 996
MESSAGE_ID = re.compile(r"[!-;=?-~]+")


def threading(message_id: str | None, references: Sequence[str]) -> dict[str, str]:
    """In-Reply-To and References of an answer (RFC 5322 section 3.6.4) to the mail of this Message-ID, which itself
    refers to these, the oldest first; the oldest are left out first."""
    answered = f"<{message_id}>"
    if not (message_id and MESSAGE_ID.fullmatch(message_id)) or len("In-Reply-To" + answered) > HEADER:
        return {}
    chain = answered
    for reference in reversed(references):
        longer = f"<{reference}> {chain}"
        if not MESSAGE_ID.fullmatch(reference) or len("References" + longer) > HEADER:
            break
        chain = longer
    return {"In-Reply-To": answered, "References": chain}


def reply_to(mailbox: str, token: str) -> str:
    """The mailbox's address with a ticket's token as its detail (RFC 5233)."""
    local, _, domain = mailbox.partition("@")
    return f"{local}+{token}@{domain}"
