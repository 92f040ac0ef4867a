"""Delivery: what SES does with a message after it has said yes. One thread, so events come in order."""

import dataclasses
import logging
from collections.abc import Callable
from itertools import groupby
from queue import SimpleQueue
from threading import Condition, Thread

from local.ses import events, simulator
from local.ses.account import Account, Suppressed
from local.ses.events import Sent
from local.ses.feed import Feed
from local.ses.ids import feedback_id
from local.ses.knobs import Knobs
from local.ses.outbox import Outbox
from local.ses.verdicts import is_virus

_log = logging.getLogger(__name__)
_READ = ("delivered", "complained", "looped-back")  # the outcomes with which a person has the mail
_LISTS = {"bounced": "BOUNCE", "complained": "COMPLAINT"}


class Post:
    """`loop_back` hands a message to receiving: None where nobody receives for the recipient's domain,
    False where a rule set does but has no rule for the recipient, True where it took it."""

    def __init__(
        self, account: Account, outbox: Outbox, feed: Feed, knobs: Knobs, loop_back: Callable[[Sent, str], bool | None]
    ) -> None:
        self._account = account
        self._outbox = outbox
        self._feed = feed
        self._knobs = knobs
        self._loop_back = loop_back
        self._accepted: SimpleQueue[Sent] = SimpleQueue()
        self._latest: dict[str, Sent] = {}
        self._waiting = 0
        self._settled = Condition()

    def start(self) -> None:
        Thread(target=self._run, name="ses-post", daemon=True).start()

    def accept(self, sent: Sent) -> None:
        with self._settled:
            self._waiting += 1
        self._accepted.put(sent)

    def engage(self, address: str, *, link: str = "", bot: str = "Unlikely") -> None:
        """Let a recipient open the last mail that reached them, or follow a link in it. SES hears of it only where an
        event destination asks; KeyError where no mail reached them."""
        sent = self._latest[address.lower()]
        opened = events.engagement(sent, at=self._account.clock(), link=link, bot=bot)
        self._feed.report(sent.configuration_set, [opened])

    def wait(self, seconds: float) -> bool:
        """Until all that was accepted has its fate; False when that takes longer."""
        with self._settled:
            return self._settled.wait_for(lambda: self._waiting == 0, seconds)

    def _run(self) -> None:
        while True:
            sent = self._accepted.get()
            try:
                self.deliver(sent)
            except Exception:
                _log.exception("message %s was lost on the way", sent.id)
            with self._settled:
                self._waiting -= 1
                self._settled.notify_all()

    def deliver(self, sent: Sent) -> None:
        if is_virus(sent.raw):
            self._feed.report(sent.configuration_set, [events.reject(sent)])
            return
        fates = [(self._fate(sent, recipient), recipient) for recipient in sent.recipients]
        self._keep(sent, fates)
        happened = [events.send(sent)]
        for fate, recipient in fates:
            at = self._account.clock()
            happened += simulator.report(fate, sent, recipient, at=at, feedback_id=feedback_id(at))
            self._suppress(sent, fate, recipient)
            if simulator.OUTCOMES.get(fate, fate) in _READ:
                self._latest[recipient.lower()] = _without_content(sent)
        self._feed.report(sent.configuration_set, happened)

    def _fate(self, sent: Sent, recipient: str) -> str:
        address = recipient.lower()
        entry = self._account.suppressed.get(address)
        if entry and entry.reason in self._reasons(sent):
            return "suppressed"
        if fate := self._knobs.fates.pop(address, None) or simulator.simulated(address):
            return fate
        taken = self._loop_back(sent, recipient)
        return {None: "delivered", True: "looped-back", False: "bounced"}[taken]

    def _reasons(self, sent: Sent) -> frozenset[str]:
        of_account = self._account.suppressed_reasons
        found = self._account.configuration_sets.get(sent.configuration_set)
        return found.suppressed_reasons(of_account) if found else of_account

    def _suppress(self, sent: Sent, fate: str, recipient: str) -> None:
        """SES lists who bounced hard or complained by itself; simulator addresses it never lists."""
        reason = _LISTS.get(fate)
        if reason and reason in self._reasons(sent) and not simulator.simulated(recipient):
            entry = Suppressed(address=recipient.lower(), reason=reason, since=self._account.clock())
            self._account.suppressed[entry.address] = entry

    def _keep(self, sent: Sent, fates: list[tuple[str, str]]) -> None:
        outcomes = sorted((simulator.OUTCOMES.get(fate, fate), recipient) for fate, recipient in fates)
        several = len({outcome for outcome, _ in outcomes}) > 1
        for outcome, group in groupby(outcomes, key=lambda pair: pair[0]):
            recipients = [recipient for _, recipient in group]
            self._outbox.keep(sent, recipients, outcome, part=f"-{outcome}" if several else "")


def _without_content(sent: Sent) -> Sent:
    return dataclasses.replace(sent, raw=b"", draft=dataclasses.replace(sent.draft, body=b""))
