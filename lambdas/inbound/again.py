"""Commands in the queue of `inbound`: to handle a received mail that has no outcome, or not the right one.

Objects of the bucket are what was received, whether SNS told of them or not: once a day all that are an hour old are
looked up, and those without an outcome handled, each by a command of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambdas.inbound.arrival import NotBySes, arrived
from lambdas.inbound.notification import SETUP
from lambdas.inbound.receive import Mailroom
from lambdas.shared.bucket import ses_id_of
from lambdas.shared.queue import Rejected
from lambdas.shared.tickets.table import HELD
from lambdas.shared.tickets.ticket import Delivery
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from lambdas.inbound.notification import Received

# A mail this young may still be on its way through the queue; of an older one nobody awaits an answer.
YOUNGEST, OLDEST = timedelta(hours=1), timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Again:
    """`list` gives a page of the received mails, (key, when written), and the token of the next page; `ask` puts
    (id, detail-type, detail) into our own queue."""

    mailroom: Mailroom
    list: Callable[[str | None], tuple[list[tuple[str, datetime]], str | None]]
    ask: Callable[[str, str, dict[str, Any]], None]
    now: Callable[[], datetime]

    def release(self, detail: dict[str, Any]) -> None:
        """Handle a mail that was kept for spam, or a virus, as if it were clean. Rejected for any other."""
        ses_id = detail["ses_id"]
        known = self.mailroom.tickets.delivery(ses_id)
        if not known:
            raise Rejected(f"no mail {ses_id} was received")
        if known.outcome == "quarantined" and not detail.get("virus"):
            raise Rejected(f'SES found a virus in {ses_id}: say "virus": true to release it all the same')
        if known.announced and known.outcome not in HELD:
            if known.ticket:
                return  # a repeat: it has been released
            raise Rejected(f"{ses_id} is not held as spam or for a virus: it is {known.outcome}")
        released = known.outcome if known.outcome in HELD else ""
        received = self._arrived(known.raw_key)
        self.mailroom.receive(replace(received, at=known.at, spam="PASS", virus="PASS", released=released))

    def retry(self, detail: dict[str, Any]) -> None:
        """Handle the mail of this key, unless it has an outcome that is final."""
        key = detail["key"]
        known = self.mailroom.tickets.delivery(ses_id_of(key))
        if ses_id_of(key) != SETUP and not (known and known.announced):
            self.mailroom.receive(self._arrived(key))

    def reconcile(self, detail: dict[str, Any]) -> None:
        """Retry a page's mails that have no outcome, and go on with the next page."""
        page, token = self.list(detail.get("token"))
        for key, written in page:
            if YOUNGEST <= self.now() - written <= OLDEST and self._slipped(key):
                self.ask(f"retry-{ses_id_of(key)}", "RetryMail", {"key": key})
        if token:
            self.ask("reconcile", "Reconcile", {"token": token})

    def _slipped(self, key: str) -> bool:
        """Whether a mail has no outcome, or one that the world was not told of. What cannot be read has one."""
        known = self.mailroom.tickets.delivery(ses_id_of(key))
        return ses_id_of(key) != SETUP and (known is None or (known.ticket is not None and not known.announced))

    def _arrived(self, key: str) -> Received:
        """Rejected, and so recorded, if SES did not write it: nobody knows whom it is from."""
        try:
            return arrived(ses_id_of(key), key, self.mailroom.read_raw(key), self.mailroom.addresses)
        except NotBySes as fault:
            self.mailroom.tickets.set_aside(
                Delivery(
                    ses_id=ses_id_of(key),
                    outcome="unreadable",
                    at=iso(self.now()),
                    sender="",
                    mailbox=next(iter(self.mailroom.mailboxes)),
                    raw_key=key,
                    reason=str(fault),
                )
            )
            raise Rejected(str(fault)) from None
