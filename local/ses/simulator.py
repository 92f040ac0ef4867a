"""What becomes of a message to one recipient, and what SES reports about it. Pure."""

from collections.abc import Callable
from datetime import datetime

from local.ses import events
from local.ses.events import Event, Sent

SIMULATOR = "simulator.amazonses.com"
_BY_NAME = {  # DG send-an-email-from-console, "Using the mailbox simulator"
    "success": "delivered",
    "bounce": "bounced",
    "ooto": "out-of-office",
    "complaint": "complained",
    "suppressionlist": "on-global-list",
}
# What DG's page on the account-level suppression list shows in place of a server's reply.
_SUPPRESSED = (
    "Amazon SES did not send the message to this address because it is on the suppression list for your account."
)


def simulated(address: str) -> str | None:
    """The fate of an address at the mailbox simulator, with or without a +label; None for any other address."""
    local, _, domain = address.lower().rpartition("@")
    return _BY_NAME.get(local.partition("+")[0]) if domain == SIMULATOR else None


def report(fate: str, sent: Sent, recipient: str, *, at: datetime, feedback_id: str) -> list[Event]:
    """SES's events for that fate, after Send. `fate` is one of FATES."""
    return FATES[fate](sent, recipient, at, feedback_id)


def _delivered(sent: Sent, recipient: str, at: datetime, _id: str) -> list[Event]:
    return [events.delivery(sent, [recipient], at=at)]


def _complained(sent: Sent, recipient: str, at: datetime, feedback_id: str) -> list[Event]:
    delivery = events.delivery(sent, [recipient], at=at)
    return [delivery, events.complaint(sent, [recipient], at=at, feedback_id=feedback_id)]


def _out_of_office(sent: Sent, recipient: str, at: datetime, feedback_id: str) -> list[Event]:
    """The automatic reply goes to the return path, SES's own, which reports it as a transient bounce."""
    answered = _bounced("Transient", "General", "", "")
    return [events.delivery(sent, [recipient], at=at), *answered(sent, recipient, at, feedback_id)]


def _delayed(sent: Sent, recipient: str, at: datetime, _id: str) -> list[Event]:
    return [events.delivery_delay(sent, [recipient], at=at), events.delivery(sent, [recipient], at=at)]


def _bounced(kind: str, sub: str, status: str, diagnostic: str) -> Callable[[Sent, str, datetime, str], list[Event]]:
    def made(sent: Sent, recipient: str, at: datetime, feedback_id: str) -> list[Event]:
        said = events.Answer(kind=kind, sub_kind=sub, status=status, diagnostic=diagnostic)
        return [events.bounce(sent, [recipient], said, at=at, feedback_id=feedback_id)]

    return made


FATES: dict[str, Callable[[Sent, str, datetime, str], list[Event]]] = {
    "delivered": _delivered,
    "looped-back": _delivered,
    "delayed": _delayed,
    "complained": _complained,
    "out-of-office": _out_of_office,
    "bounced": _bounced("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown"),
    "mailbox-full": _bounced("Transient", "MailboxFull", "5.2.2", "smtp; 552 5.2.2 mailbox full"),
    "suppressed": _bounced("Permanent", "OnAccountSuppressionList", "5.1.1", _SUPPRESSED),
    "on-global-list": _bounced("Permanent", "Suppressed", "5.1.1", _SUPPRESSED.replace("your account", "Amazon SES")),
}
# What the outbox calls each fate: the words of its .json files.
OUTCOMES = {
    "delayed": "delivered",
    "out-of-office": "delivered",
    "mailbox-full": "bounced",
    "on-global-list": "bounced",
}
