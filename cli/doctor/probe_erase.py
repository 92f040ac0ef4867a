"""Erasing a probe: the ticket that it opened, the mail that came, the message that went out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cli.doctor.line import Line, ok, warning
from cli.erase import delete, drop
from cli.person import listed
from cli.wait import seen
from lambdas.shared.bucket import attachments_of, raw_key
from lambdas.shared.messages import ENDED, Messages, message_id
from lambdas.shared.recipients import canonical
from lambdas.shared.tickets.items import copy_key, delivery_key, digest, reference_key
from lambdas.shared.tickets.table import SES_ID, Tickets

if TYPE_CHECKING:
    from cli.deployment import Deployment
    from infra.settings_mailboxes import StageMailbox
    from lambdas.shared.messages import Message
    from lambdas.shared.tickets.ticket import Delivery

OVER = {*ENDED, "delivered", "bounced", "rejected"}
LATE = 2  # seconds; events of one mail come in any order
TOLD = 120  # seconds until SES's events are there, which come in a file a minute


@dataclass(kw_only=True)
class Traces:
    """What a probe has left so far. `on_its_way`: SES has the mail; `settled`: nothing more will be said of it."""

    mailbox: StageMailbox
    message: str = ""
    on_its_way: bool = False
    settled: bool = False
    delivery: Delivery | None = None


def erase(deployment: Deployment, traces: Traces) -> Line:
    """What is on its way still would come back if it were erased now: it stays, and is told."""
    left = []
    if traces.delivery:
        left = erase_received(deployment, traces.delivery, traces.mailbox)
    if traces.message and traces.settled:
        erase_message(deployment, traces.message)
    elif traces.message:
        left.append(f"message {traces.message}, of which SES may yet tell")
    if traces.on_its_way and not traces.delivery:
        left.append("the mail itself, if it comes later")
    if left:
        what = f"not erased: {'; '.join(left)}"
        return warning("probe-erase", what, "`mailroom forget ADDRESS --yes`, with the sender's address")
    return ok("probe-erase", "nothing is left of it but its count")


def erase_message(deployment: Deployment, id: str) -> None:
    """Twice, if an event that came late has made it anew."""
    table = deployment.table("MessagesTable")
    drop(table, [{"id": id}])
    if seen(lambda: Messages(table).get(id), LATE):
        drop(table, [{"id": id}])


def settled(messages: Messages, id: str) -> Message | None:
    """The message, once SES's events have said what became of it."""
    found = messages.get(id)
    return found if found and found.status in OVER else None


def erase_received(deployment: Deployment, came: Delivery, mailbox: StageMailbox) -> list[str]:
    """Gives what could not be erased."""
    table = deployment.table("TicketsTable")
    ticket = Tickets(table).get(came.ticket) if came.ticket else None
    left: list[str] = []
    if ticket:
        left = erase_notices(deployment, came, ticket.number, mailbox)
        Tickets(table).erase(ticket)
    drop(table, [delivery_key(came.ses_id), *([copy_key(came.content)] if came.content else [])])
    delete(deployment, [raw_key(came.ses_id), *listed(deployment, attachments_of(came.ses_id))])
    return left


def erase_notices(deployment: Deployment, came: Delivery, number: int, mailbox: StageMailbox) -> list[str]:
    """What told the team of the ticket: mails, and the count of them."""
    messages = Messages(deployment.table("MessagesTable"))
    team = [member for member in mailbox.team if member != canonical(came.sender)]
    # As lambdas/inbound/announce.py makes their keys.
    told = [message_id(f"notification|{came.ses_id}|{member}") for member in team]
    found = {one: seen(partial(settled, messages, one), TOLD) for one in told}
    table = deployment.table("TicketsTable")
    drop(table, [{"pk": f"LIMIT#notification#{digest(str(number))}", "sk": "LIMIT"}])
    drop(table, [reference_key(SES_ID, message.ses_id) for message in found.values() if message and message.ses_id])
    drop(deployment.table("MessagesTable"), [{"id": one} for one, message in found.items() if message])
    return [f"the notification {one}" for one, message in found.items() if not message]
