"""Brings our recipients and SES's list in step, a page after another, for as long as there is time.

Of SES's list a round reads what is newer than the round before, and a day more; of ours all, but asks SES only about
those who are not known to be on its list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from lambdas.shared.recipients import Recipient
from lambdas.shared.suppressed import Suppressed
from lambdas.shared.timestamps import iso, parsed
from lambdas.suppression.differences import Difference, from_ses, to_ses
from lambdas.suppression.rounds import Round, Rounds, again
from lambdas.suppression.ses_list import BadToken, Entry, NotTaken
from lambdas.suppression.settle import Settler

MARGIN = timedelta(days=1)  # for what SES shows late
REFUSALS = 20  # in a row; SES then takes nothing, as in the sandbox
REFUSED = "refused"


class OutOfTime(Exception):
    """What is left comes with the next run, from the page on that was not finished."""


@dataclass(kw_only=True)
class Run:
    """What one run did, by the kinds of differences."""

    done: Counter[str] = field(default_factory=Counter)
    refused_in_a_row: int = 0


@dataclass(frozen=True, kw_only=True)
class Sync:
    settler: Settler
    suppressed: Suppressed
    rounds: Rounds
    now: Callable[[], datetime]

    def run(self, has_time: Callable[[], bool], run: Run) -> None:
        """Go on with the round that is under way, or with a new one, to its end; OutOfTime, Throttled. `run` is filled
        in."""
        current = self.rounds.current() or self._new()
        while not current.read:
            current = self._read_theirs(current, has_time, run)
            self.rounds.save(current)
        while run.refused_in_a_row < REFUSALS:
            page = self.suppressed.page(current.place)
            self._settle(self._missing_there(page.recipients), has_time, run)
            if not page.next:
                break
            current = replace(current, place=page.next)
            self.rounds.save(current)
            if not has_time():
                raise OutOfTime
        self.rounds.finish(current)

    def _new(self) -> Round:
        last = self.rounds.last()
        return Round(began_at=iso(self.now()), since=iso(parsed(last) - MARGIN) if last else None)

    def _read_theirs(self, round: Round, has_time: Callable[[], bool], run: Run) -> Round:
        if not has_time():
            raise OutOfTime
        try:
            entries, token = self.settler.ses.page(parsed(round.since) if round.since else None, round.token)
        except BadToken:
            return again(round)
        self._settle(self._missing_here(entries), has_time, run)
        return replace(round, token=token, read=token is None)

    def _missing_here(self, entries: list[Entry]) -> Iterator[Difference]:
        known = self.suppressed.about([entry.address for entry in entries])
        for entry in entries:
            if difference := from_ses(entry, known[entry.address]):
                yield difference
            else:
                self.settler.recipients.note_on_ses(known[entry.address], entry.reason)

    def _missing_there(self, recipients: list[Recipient]) -> Iterator[Difference]:
        return (found for one in recipients if (found := to_ses(one, one.on_ses)))

    def _settle(self, differences: Iterable[Difference], has_time: Callable[[], bool], run: Run) -> None:
        for difference in differences:
            if not has_time():
                raise OutOfTime
            try:
                run.done[difference.kind] += self.settler.settle(difference)
            except NotTaken:
                run.done[REFUSED] += 1
                run.refused_in_a_row += 1
                if run.refused_in_a_row == REFUSALS:
                    return
            else:
                run.refused_in_a_row = 0
