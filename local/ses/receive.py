"""Receiving: which addresses are taken, and which rules a mail meets (DG receiving-email-concepts)."""

import logging
from typing import Any

from local.ses import ids
from local.ses.account import Account
from local.ses.arrival import Arrival
from local.ses.aws import Aws, Refused
from local.ses.events import Sent
from local.ses.knobs import Knobs
from local.ses.matching import receives_for, rules_for
from local.ses.receipt_actions import ACTIONS, Course, Step
from local.ses.verdicts import verdicts

_log = logging.getLogger(__name__)


class Receiver:
    def __init__(self, account: Account, aws: Aws, knobs: Knobs) -> None:
        self._account = account
        self._aws = aws
        self._knobs = knobs

    def refusal(self, recipient: str, *, tls: bool) -> str | None:
        """The SMTP answer to RCPT TO where SES takes no mail for this address, else None."""
        rules = rules_for(self._account, recipient)
        if not rules:
            return "550 5.1.1 Requested action not taken: mailbox unavailable"
        if not tls and all(rule.get("TlsPolicy") == "Require" for rule in rules):
            return "530 5.7.0 Must issue a STARTTLS command first"
        return None

    def loop_back(self, sent: Sent, recipient: str) -> bool | None:
        """A mail we sent whose recipient's domain is received here: None if it is not, else whether it was taken."""
        if not receives_for(self._account, recipient):
            return None
        if self.refusal(recipient, tls=True):
            return False
        self.receive(sent.raw, sent.return_path, [recipient], client="a8-50.smtp-out.amazonses.com", tls=True)
        return True

    def receive(self, raw: bytes, sender: str, recipients: list[str], *, client: str, tls: bool) -> str:
        """Put a mail through the active rules; the id SES gives it."""
        arrival = self._arrival(raw, sender, recipients, client)
        course = Course(aws=self._aws, clock=self._account.clock, arrival=arrival, headers=[])
        for rule in self._account.receives():
            matched = [address for address in recipients if rule in rules_for(self._account, address)]
            if matched and (tls or rule.get("TlsPolicy") != "Require"):
                course.arrival = arrival if rule.get("ScanEnabled") else arrival.unscanned()
                self._follow(rule, course, matched)
            if course.stopped:
                break
        return arrival.id

    def _arrival(self, raw: bytes, sender: str, recipients: list[str], client: str) -> Arrival:
        told = self._knobs.verdicts.pop(sender.lower(), {})
        return Arrival(
            id=ids.received_id(),
            at=self._account.clock(),
            sender=sender,
            recipients=tuple(recipients),
            client=client,
            region=self._account.region,
            verdicts=verdicts(raw, told),
            dmarc_policy=told.get("dmarcPolicy", "none"),
            raw=raw,
        )

    def _follow(self, rule: dict[str, Any], course: Course, matched: list[str]) -> None:
        arn = rule_arn(self._account, self._account.active_rule_set or "", rule["Name"])
        for action in rule.get("Actions", ()):
            kind, details = next(iter(action.items()))
            try:
                ACTIONS[kind](course, Step(details=details, matched=matched, rule_arn=arn))
            except Refused as refused:
                # On AWS: tried again for four hours, then dropped, and a CloudWatch metric counts it.
                _log.error("receipt rule %s could not perform %s: %s", rule["Name"], kind, refused)
                return
            if course.stopped:
                return


def rule_arn(account: Account, rule_set: str, rule: str) -> str:
    return account.arn(f"receipt-rule-set/{rule_set}:receipt-rule/{rule}")
