"""Our own event MailSent, of a mail that belongs to a ticket. Pure."""

import re
from typing import Any

from lambdas.shared.queue import Rejected

TICKET = re.compile(r"[0-9]{1,15}")


def sent(event: dict[str, Any]) -> tuple[str, int]:
    """(the id that SES gave the mail, the ticket that it belongs to)."""
    match event.get("detail"):
        case {"ses_id": str(ses_id), "ticket": str(ticket)} if ses_id and TICKET.fullmatch(ticket):
            return ses_id, int(ticket)
    raise Rejected("no MailSent event of a ticket's mail")
