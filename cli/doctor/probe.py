"""A mail to ourselves, all the way: the API, the outbox, SES, the internet, the receipt rule, `inbound`, a ticket.

It goes out as marketing, which alone has the header fields for one-click unsubscribing. Then all of it is erased.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cli.api import call
from cli.deployment import CommandFailed
from cli.doctor.examine import examined
from cli.doctor.line import OK, Line, error, ok, warning
from cli.doctor.probe_erase import Traces, erase, settled
from cli.doctor.probe_mail import authentication, signed
from cli.hint import hint
from cli.wait import seen
from lambdas.shared.bucket import raw_key
from lambdas.shared.messages import ENDED, Messages
from lambdas.shared.tickets.find import Wanted, aside, find
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.doctor.case import Case
    from infra.settings_mailboxes import StageMailbox
    from lambdas.shared.messages import Message
    from lambdas.shared.tickets.ticket import Delivery

STREAM, TEMPLATE = "marketing", "notice"
CLOCKS = timedelta(minutes=5)  # by which ours may be ahead of AWS's
LOOKED_AT = 50  # mails that became no ticket, the newest
LOST = "docs/doctor.md#the-probe says where to look"


@dataclass(kw_only=True)
class Probe:
    """`token` is in the subject, and in no other."""

    case: Case
    mailbox: StageMailbox
    token: str
    message: str = ""

    def settled(self) -> Message | None:
        return settled(Messages(self.case.deployment.table("MessagesTable")), self.message)

    def arrived(self) -> Delivery | None:
        """The mail as it came in, once all that follows from it has been asked for."""
        table = self.case.deployment.table("TicketsTable")
        since = iso(self.case.now - CLOCKS)
        opened = find(table, Wanted(text=self.token, since=since), 1).tickets
        if opened:
            [first] = Tickets(table).messages(opened[0].number)[:1]
            came = Tickets(table).delivery(first.id)
            return came if came and came.announced else None
        return next((mail for mail in aside(table, LOOKED_AT) if self.token in mail.subject), None)


def quietest(mailboxes: tuple[StageMailbox, ...]) -> StageMailbox | None:
    """The mailbox where a probe disturbs least: it is not brought elsewhere, and few people are told of it."""
    here = [mailbox for mailbox in mailboxes if not mailbox.destinations]
    return min(here, key=lambda mailbox: len(mailbox.team), default=None)


def probe(case: Case, address: str | None, seconds: float) -> Iterator[Line]:
    """Lines, and nothing left behind, whatever hinders it and also by Ctrl-C. `address` names the mailbox, else it is
    the quietest."""
    mailbox = chosen(case.settings.mailboxes, address)
    if case.settings.first_region or not case.deployed("Inbound") or mailbox is None:
        yield warning("probe-send", *unsent(case, address))
        return
    sent = Probe(case=case, mailbox=mailbox, token=secrets.token_hex(8))
    traces = Traces(mailbox=mailbox)
    try:
        yield from examined(case, {"probe-send": lambda _: followed(sent, traces, seconds)})
    except KeyboardInterrupt:
        yield warning("probe-send", "broken off before all was seen", "say it again")
    if traces.message:
        yield from examined(case, {"probe-erase": lambda case: iter((erase(case.deployment, traces),))})


def chosen(mailboxes: tuple[StageMailbox, ...], address: str | None) -> StageMailbox | None:
    if address is None:
        return quietest(mailboxes)
    return next((mailbox for mailbox in mailboxes if mailbox.address == address.lower()), None)


def unsent(case: Case, address: str | None) -> tuple[str, str]:
    """Why nothing is sent, and what mends that."""
    if case.settings.first_region:
        there = f"no probe: what comes in becomes tickets in {case.settings.first_region} alone"
        return there, hint(case.stage, "doctor --send")
    if not case.deployed("Inbound"):
        nowhere = "no probe: the stage has no mailboxes, or they are not deployed yet"
        return nowhere, f"`mailboxes` in cdk.json; {case.deploy}"
    if address:
        known = ", ".join(mailbox.address for mailbox in case.settings.mailboxes)
        return f"no probe: {address} is no mailbox of the stage", f"--mailbox with one of {known}"
    elsewhere = "no probe: each mailbox brings its tickets to another system, where this one would stay"
    return elsewhere, case.command("doctor --send --mailbox ADDRESS")


def followed(sent: Probe, traces: Traces, seconds: float) -> Iterator[Line]:
    began = time.monotonic()
    handed = hand_over(sent)
    yield handed
    traces.message = sent.message
    if handed.level != OK:
        traces.settled = True
        return
    traces.on_its_way = True
    came = seen(sent.arrived, seconds)
    traces.delivery = came
    yield received(sent, came, time.monotonic() - began)
    if came:
        yield from read(sent, came)
    message = seen(sent.settled, max(1, seconds - (time.monotonic() - began)))
    traces.settled = message is not None
    yield told(message)


def hand_over(sent: Probe) -> Line:
    """Ask the API for the mail; `sent.message` is its id then, unless it was refused."""
    text = "Sent by `mailroom doctor --send`, which erases it as soon as it has come in."
    body = {
        "template": TEMPLATE,
        "to": sent.mailbox.address,
        "stream": STREAM,
        "data": {"title": f"Mailroom probe {sent.token}", "text": text},
    }
    try:
        answer = call(sent.case.deployment, "POST", "/messages", body, **{"Idempotency-Key": f"doctor-{sent.token}"})
    except CommandFailed as failed:
        return error("probe-send", f"the API did not take the mail: {failed.message}", "docs/sending.md")
    if "messages" not in answer.body:
        return error("probe-send", f"the API refused the mail ({answer.status}): {answer.error}", "docs/sending.md")
    [said] = answer.body["messages"]
    sent.message = said["id"]
    if said["state"] in ENDED:
        return error("probe-send", f"the mail ended as {said['state']}: {said['reason']}", "docs/states.md")
    return ok("probe-send", f"a mail to {sent.mailbox.address} is {said['state']}, message {said['id']}")


def received(sent: Probe, came: Delivery | None, after: float) -> Line:
    if came is None:
        late = f"no mail has come in to {sent.mailbox.address} within {after:.0f} seconds"
        return error("probe-receive", late, f"{LOST}; a late one: {sent.case.command(f'tickets --text {sent.token}')}")
    if came.outcome != "ticket":
        aside = f"it came in after {after:.0f} seconds, and became no ticket: {came.outcome}, {came.reason}"
        return error("probe-receive", aside, LOST)
    return ok("probe-receive", f"it came in and was ticket {came.ticket} after {after:.0f} seconds")


def read(sent: Probe, came: Delivery) -> Iterator[Line]:
    deployment = sent.case.deployment
    key = raw_key(came.ses_id)
    raw = deployment.client("s3").get_object(Bucket=deployment.output("MailBucket"), Key=key)["Body"].read()
    yield authentication(raw, key, came.ses_id)
    yield signed(raw, laptop=deployment.running is not None)


def told(message: Message | None) -> Line:
    if message is None:
        quiet = "SES has not said in time what became of it: events of deliveries and bounces do not come in"
        return error("probe-feedback", quiet, "docs/doctor.md#the-probe; the lines `topics` and `dead-letters`")
    if message.status != "delivered":
        return error("probe-feedback", f"it ended as {message.status}: {message.reason or 'see its timeline'}", LOST)
    return ok("probe-feedback", "SES's events have come in: it was delivered")
