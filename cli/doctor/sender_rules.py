"""What Google, Yahoo and Microsoft demand of who sends in bulk, beyond DKIM, SPF and DMARC, which have lines of their
own: few complaints, a link to unsubscribe that answers, and an address that takes replies. What they demand of each
mail, and where they say it, is in lambdas/shared/outbox/sender_rules.py."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from cli.api import here
from cli.deployment import UNREACHABLE
from cli.doctor.line import Line, error, ok, warning
from lambdas.pages.page import NOT_OURS
from lambdas.shared.counts.contributions import MARKETING, TRANSACTIONAL
from lambdas.shared.guard.policy import COMPLAINTS
from lambdas.shared.guard.table import Guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cli.doctor.case import Case
    from lambdas.shared.guard.rates import Rate

# Percent of mails that lead to complaints: kept below, and never reached (Google, "Email sender guidelines").
KEPT_BELOW, NEVER = 0.1, 0.3
LINES = f"Google and Yahoo want less than {KEPT_BELOW} %, and refuse mail from {NEVER} % on"
POSTMASTER = "Gmail's are told at https://postmaster.google.com alone"
SECONDS = 10
SES_INBOUND = "inbound-smtp."


def complaints(case: Case) -> Iterator[Line]:
    """A line for each stream that mail went out in within a week, by what the guard has counted."""
    if not case.deployed("Feedback"):
        return
    guarded = Guarded(case.deployment.table("CountsTable"))
    for stream in (MARKETING, TRANSACTIONAL):
        of_week = [rate for rate in guarded.looked(stream).rates if (rate.kind, rate.window) == (COMPLAINTS, "week")]
        if of_week:
            yield judged(case, stream, max(of_week, key=lambda rate: (rate.rate, rate.mails)))


def judged(case: Case, stream: str, rate: Rate) -> Line:
    said = f"{stream}: complaints about {rate.share:.2g} % of {rate.mails:,} mails from {rate.domain} in a week"
    mend = f"{LINES}; docs/runbooks/complaint-rate.md. {case.command('report')} says which mails; {POSTMASTER}"
    if rate.rate >= NEVER:
        return error("complaints", said, mend)
    if rate.rate >= KEPT_BELOW:
        return warning("complaints", said, mend)
    return ok("complaints", f"{said}; {POSTMASTER}")


def fetched(url: str, host: str) -> tuple[int, str]:
    request = AWSRequest(method="GET", url=url, headers={"Host": host})
    answered = URLLib3Session(timeout=SECONDS).send(request.prepare())
    return answered.status_code, answered.text


def unsubscribe(case: Case, fetch: Callable[[str, str], tuple[int, str]] = fetched) -> Iterator[Line]:
    """Whether the page of the links to unsubscribe answers, as mail programs and people reach it."""
    if not case.deployed("Outbound"):
        return
    url = f"{case.deployment.output('PagesUrl')}/unsubscribe/none"
    try:
        status, body = fetch(*reached(url))
    except UNREACHABLE as failed:
        yield error("unsubscribe", f"the page to unsubscribe at gives no answer ({failed})", case.deploy)
        return
    if status == HTTPStatus.NOT_FOUND and NOT_OURS.title in body:
        yield ok("unsubscribe", "the page that marketing's links to unsubscribe lead to answers")
    else:
        yield error("unsubscribe", f"the page to unsubscribe at answers {status}, and not as it should", case.deploy)


def reached(url: str) -> tuple[str, str]:
    """Where to connect to, and the name to ask for there."""
    parts = urlsplit(url)
    return (here(url) if f".{parts.hostname}".endswith(".localhost") else url), parts.netloc


def replies(case: Case) -> Iterator[Line]:
    """Whether who answers a mail reaches somebody: Microsoft wants it, and people do it."""
    mailboxes = {mailbox.address for mailbox in case.settings.mailboxes}
    for address in dict.fromkeys(case.settings.sender_addresses):
        if address.lower() not in mailboxes and (why := unanswerable(case, address)):
            mend = "make it a mailbox, send from one that is, or give `reply_to` with each mail"
            yield warning("replies", f"answers to {address} reach nobody: {why}", mend)
        else:
            yield ok("replies", f"answers to {address} have somewhere to go")


def unanswerable(case: Case, address: str) -> str:
    host = address.rpartition("@")[2].lower()
    if host in case.settings.receiving_domains:
        return "its domain receives here, where it is no mailbox"
    answer = case.look_up(host, "MX") if case.look_up else None
    if answer is None or answer.failed:
        return ""
    # A null MX says that there is no mail (RFC 7505); its host is empty without the last dot.
    servers = [value.partition(" ")[2].strip(".") for value in answer.values]
    if not any(servers):
        return f"{host} has no MX record"
    taken_in = all(server.startswith(SES_INBOUND) for server in servers)
    return f"{host} is received by SES, where it is no mailbox of the stage's" if taken_in else ""
