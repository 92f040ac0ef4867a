from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from lambdas.suppression.ses_list import BadToken, Entry, NotTaken, SesList, Throttled

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
TOO_MANY = "TooManyRequestsException"


class World:
    """A client that answers with what is left in `answers`, an error's code or a result, and a clock that sleeping
    moves. `asked` is when it was called, with what."""

    def __init__(self, *answers):
        self.answers, self.asked, self.seconds = list(answers), [], 100.0
        self.list = SesList(client=self, clock=lambda: self.seconds, sleep=self._sleep)

    def _sleep(self, seconds):
        self.seconds += seconds

    def _answer(self, **asked):
        self.asked.append((round(self.seconds - 100, 1), asked))
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, str):
            raise ClientError({"Error": {"Code": answer, "Message": "why"}}, "Operation")
        return answer

    list_suppressed_destinations = get_suppressed_destination = _answer
    put_suppressed_destination = delete_suppressed_destination = _answer

    @property
    def times(self):
        return [at for at, _ in self.asked]


def test_calls_are_further_apart_than_a_second_and_time_that_has_passed_counts():
    world = World()
    world.list.remove("a@example.org")
    world.seconds += 0.6
    world.list.remove("b@example.org")
    world.seconds += 30
    world.list.remove("c@example.org")
    assert world.times == [0, 1.1, 31.1]


def test_what_is_refused_as_too_much_is_asked_again_ever_later_and_then_given_up():
    world = World(TOO_MANY, TOO_MANY, {})
    world.list.put("a@example.org", "BOUNCE")
    world.list.remove("a@example.org")
    assert world.times == [0, 2, 6, 7.1]
    with pytest.raises(Throttled):
        World(*[TOO_MANY] * 5).list.remove("a@example.org")


def test_a_page_has_its_entries_in_our_spelling_and_the_token_of_the_next():
    summary = {"EmailAddress": "Mia@Example.org", "Reason": "BOUNCE", "LastUpdateTime": AT}
    world = World({"SuppressedDestinationSummaries": [summary], "NextToken": "t2"})
    found = world.list.page(AT, "t1")
    assert found == ([Entry(address="mia@example.org", reason="BOUNCE", at="2026-11-21T10:00:00.000Z")], "t2")
    assert world.asked == [(0, {"StartDate": AT, "NextToken": "t1"})]
    assert World({"SuppressedDestinationSummaries": []}).list.page(None, None) == ([], None)


def test_what_ses_answers_in_place_of_a_result():
    with pytest.raises(BadToken):
        World("InvalidNextTokenException").list.page(None, "old")
    with pytest.raises(NotTaken, match="why"):
        World("BadRequestException").list.put("x", "BOUNCE")
    assert World("NotFoundException").list.get("a@example.org") is None
    World("NotFoundException").list.remove("a@example.org")
    for call in (lambda one: one.page(None, None), lambda one: one.get("a"), lambda one: one.put("a", "BOUNCE")):
        with pytest.raises(ClientError):
            call(World("AccessDeniedException").list)
