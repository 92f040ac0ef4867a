from datetime import UTC, datetime, timedelta

import boto3
import pytest

from lambdas.shared.recipients import Recipients, Suppression
from lambdas.shared.timestamps import iso
from local.ses import suppression
from tests.integration.records import batch, reasons
from tests.integration.sends import waiting
from tests.integration.suppression_list import SuppressionList

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
THROTTLED = "TooManyRequestsException"


class Clock:
    """Sleeping moves it."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += timedelta(seconds=seconds)


class Context:
    """Lambda's, of a run that has so many seconds."""

    def __init__(self, clock, seconds):
        self._clock, self._ends = clock, clock.now + timedelta(seconds=seconds)

    def get_remaining_time_in_millis(self):
        return (self._ends - self._clock.now).total_seconds() * 1000


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ses(clock, monkeypatch):
    monkeypatch.setattr(suppression, "PAGE", 2)
    return SuppressionList(clock)


@pytest.fixture
def recipients(aws):
    return Recipients(boto3.resource("dynamodb").Table("recipients"))


@pytest.fixture
def run(handler, ses, clock, monkeypatch):
    """A run of the function, of so many seconds."""
    module = handler("suppression")
    monkeypatch.setattr(module, "now", clock)
    object.__setattr__(module.sync, "now", clock)
    theirs = module.sync.settler.ses
    theirs.client, theirs.sleep = ses, clock.sleep
    theirs.clock = lambda: clock.now.timestamp()

    def invoke(seconds=300, command="SyncSuppressions", at=None):
        body = {"id": "1", "detail-type": command, "time": at or iso(clock.now), "detail": {}}
        return module.handler(batch(body), Context(clock, seconds))

    return invoke


def listed(ses, clock, *addresses, reason="BOUNCE"):
    for address in addresses:
        ses.put_suppressed_destination(EmailAddress=address, Reason=reason)
        clock.sleep(1)
    ses.calls.clear()


def stopped(recipients, address, scope="all", evidence="Bounce#fb", by="feedback"):
    message = "m1" if by == "feedback" else ""
    why = {"reason": "r", "message_id": message, "evidence": evidence, "at": "2026-11-01T10:00:00.000Z", "by": by}
    assert recipients.suppress(address, Suppression(scope=scope, **why))


def scopes(recipients, *addresses):
    return [[(s.scope, s.by) for s in recipients.get(address).suppressions] for address in addresses]


def test_each_takes_over_what_the_other_has_and_a_second_round_asks_once(run, ses, clock, recipients, heard):
    listed(ses, clock, "a@example.org", "b@example.org", "c@example.org")
    listed(ses, clock, "d@example.org", reason="COMPLAINT")
    stopped(recipients, "b@example.org")
    stopped(recipients, "gone@example.org")
    stopped(recipients, "angry@example.org", "marketing", "Complaint#fb")
    stopped(recipients, "left@example.org", "marketing", "Subscription#x")
    clock.sleep(3 * 86400)
    assert run() == {"batchItemFailures": []}
    assert ses.calls == ["List", "List", "Put", "Put"]
    assert scopes(recipients, "a@example.org", "b@example.org", "d@example.org") == [
        [("all", "ses")],
        [("all", "feedback")],
        [("marketing", "ses")],
    ]
    assert ses.entries.keys() - {f"{name}@example.org" for name in "abcd"} == {"gone@example.org", "angry@example.org"}
    assert (ses.entries["gone@example.org"], ses.entries["angry@example.org"]) == ("BOUNCE", "COMPLAINT")
    told = [(detail["recipient"], detail["scope"], detail["by"]) for _, detail in heard()]
    assert told == [
        (f"{name}@example.org", scope, "ses") for name, scope in (("a", "all"), ("c", "all"), ("d", "marketing"))
    ]
    ses.calls.clear()
    clock.sleep(86400)
    run()
    assert (ses.calls, heard(), waiting("queue")) == (["List"], [], 0)


def test_a_round_goes_on_where_the_time_of_a_run_was_over(run, ses, clock, recipients):
    listed(ses, clock, *(f"there-{n}@example.org" for n in range(9)))
    for n in range(9):
        stopped(recipients, f"here-{n}@example.org")
    for calls in (4, 7, 10, 13, 15):
        run(seconds=63)
        assert len(ses.calls) == calls
    # One page of the five was read twice: there was no time left for what is in it.
    assert (waiting("queue"), ses.calls.count("List"), ses.calls.count("Put")) == (4, 6, 9)
    assert ses.entries.keys() >= {f"here-{n}@example.org" for n in range(9)}
    assert scopes(recipients, *(f"there-{n}@example.org" for n in range(9))) == [[("all", "ses")]] * 9


def test_calls_keep_to_sess_rate_and_what_is_refused_waits(run, ses, clock, recipients):
    for n in range(3):
        stopped(recipients, f"here-{n}@example.org")
    ses.refuses = [THROTTLED, THROTTLED, None, THROTTLED]
    began = clock.now
    run()
    assert ses.calls == ["List"] * 3 + ["Put"] * 4
    assert (clock.now - began).total_seconds() == pytest.approx(2 + 4 + 1.1 + 2 + 1.1 + 1.1)
    ses.refuses = [THROTTLED] * 5
    run()
    assert waiting("queue") == 1


def test_a_function_that_dies_leaves_nothing_half_done(run, ses, clock, recipients):
    listed(ses, clock, "a@example.org", "b@example.org", "c@example.org")
    stopped(recipients, "here@example.org")
    ses.refuses = [None, "InternalFailure"]
    assert run() == {"batchItemFailures": [{"itemIdentifier": "record-0"}]}
    run()
    assert ses.entries["here@example.org"] == "BOUNCE"
    assert scopes(recipients, "a@example.org", "c@example.org") == [[("all", "ses")]] * 2


def test_a_place_in_sess_list_that_ses_has_forgotten_is_looked_for_from_the_beginning(run, ses, clock, recipients):
    listed(ses, clock, "a@example.org", "b@example.org", "c@example.org")
    ses.refuses = [None, "InvalidNextTokenException"]
    run()
    assert ses.calls == ["List"] * 4
    assert scopes(recipients, "c@example.org") == [[("all", "ses")]]


def test_what_was_lifted_here_after_ses_had_it_is_taken_off_there(run, ses, clock, recipients):
    listed(ses, clock, "a@example.org", "b@example.org")
    for address, seconds in (("a@example.org", 60), ("b@example.org", -60)):
        recipients.lift(recipients.get(address), ["all"], iso(clock.now + timedelta(seconds=seconds)))
    run()
    assert ses.entries == {"b@example.org": "BOUNCE"}
    assert scopes(recipients, "a@example.org", "b@example.org") == [[], [("all", "ses")]]


def test_where_ses_takes_nobody_the_round_ends_after_some_refusals(run, ses, recipients):
    ses.account.sandbox = True
    for n in range(25):
        stopped(recipients, f"here-{n}@example.org")
    assert run() == {"batchItemFailures": []}
    assert (ses.calls.count("Put"), waiting("queue")) == (20, 0)


def test_one_command_goes_on_for_less_than_a_day_and_another_one_is_rejected(run, ses, clock):
    assert run(at=iso(clock.now - timedelta(hours=21))) == {"batchItemFailures": []}
    assert ses.calls == []
    run(command="Count")
    assert reasons() == ["no command of the suppressions: 'Count'"]
