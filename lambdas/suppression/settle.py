"""Settles a difference between our recipients and SES's list. The same again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdas.shared.recipients import Recipients, suppressed_event
from lambdas.suppression.differences import LIFT, PUT, TAKE, Difference, wanted
from lambdas.suppression.ses_list import SesList


@dataclass(frozen=True, kw_only=True)
class Settler:
    recipients: Recipients
    ses: SesList
    emit: Callable[[str, dict[str, Any]], None]

    def settle(self, difference: Difference) -> bool:
        """False if there is nothing to settle any more; NotTaken, Throttled."""
        return {TAKE: self._take, LIFT: self._lift, PUT: self._put}[difference.kind](difference)

    def _take(self, difference: Difference) -> bool:
        """Told before it is written, so that it is told."""
        self.emit("RecipientSuppressed", suppressed_event(difference.address, difference.suppression))
        done = self.recipients.suppress(difference.address, difference.suppression)
        self.recipients.note_on_ses(self.recipients.get(difference.address), difference.reason)
        return done

    def _lift(self, difference: Difference) -> bool:
        self.ses.remove(difference.address)
        self.recipients.note_on_ses(self.recipients.get(difference.address), None)
        return True

    def _put(self, difference: Difference) -> bool:
        """An operator may have lifted it since it was listed."""
        known = self.recipients.get(difference.address)
        if difference.reason not in map(wanted, known.suppressions):
            return False
        self.ses.put(difference.address, difference.reason)
        self.recipients.note_on_ses(known, difference.reason)
        return True
