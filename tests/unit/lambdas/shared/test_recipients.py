from datetime import UTC, datetime

import pytest

from lambdas.shared.recipients import Recipients, SoftBounces, Suppression, domain_of
from tests.unit.lambdas.shared.outbox.fake_table import FakeTable

THREE_IN_TEN_DAYS = SoftBounces(most=3, days=10)
MIA = "mia@example.org"


def at(day):
    return f"2026-11-{day:02}T10:00:00.000Z"


def bounced(recipients, *days):
    """What each soft bounce has stopped."""
    return [
        recipients.soft_bounce(MIA, message_id="m1", evidence=f"Bounce#{day}", at=at(day), limit=THREE_IN_TEN_DAYS)
        for day in days
    ]


def hard(day, scope="all"):
    return Suppression(scope=scope, reason="r", message_id="m2", evidence=f"Bounce#{day}", at=at(day), by="feedback")


def stopped(recipients, day, stream="transactional"):
    return recipients.get(MIA).suppression(stream, datetime(2026, 11, day, 10, tzinfo=UTC))


@pytest.fixture
def recipients():
    return Recipients(FakeTable())


def test_soft_bounces_stop_all_mail_once_they_are_too_many_and_it_ends_by_itself(recipients):
    told = bounced(recipients, 1, 4, 8)
    assert told == [
        None,
        None,
        Suppression(
            scope="all",
            reason="soft bounces (3 in 10 days)",
            message_id="m1",
            evidence="Bounce#8",
            at=at(8),
            by="feedback",
            until=at(18),
        ),
    ]
    assert stopped(recipients, 9) == stopped(recipients, 17, "marketing") == told[2]
    assert stopped(recipients, 18) is None


def test_one_more_makes_it_last_longer_and_is_not_told_again(recipients):
    assert bounced(recipients, 1, 4, 8, 9)[3] is None
    assert (stopped(recipients, 18).at, stopped(recipients, 18).until) == (at(8), at(19))


def test_after_it_has_ended_the_count_begins_anew(recipients):
    bounced(recipients, 1, 4, 8)
    assert bounced(recipients, 20) == [None]
    assert recipients.get(MIA).suppressions == ()
    assert recipients.get(MIA).soft == {"m1#Bounce#20": at(20)}
    assert [found is not None for found in bounced(recipients, 21, 22)] == [False, True]


def test_soft_bounces_that_are_far_apart_stop_nothing(recipients):
    assert bounced(recipients, 1, 9, 11, 19, 21) == [None] * 5
    assert set(recipients.get(MIA).soft.values()) == {at(19), at(21)}


def test_one_that_comes_late_counts_by_the_time_it_happened(recipients):
    assert bounced(recipients, 15, 2) == [None, None]
    assert set(recipients.get(MIA).soft.values()) == {at(15)}
    assert bounced(recipients, 14, 13)[1].until == at(25)


def test_what_has_stopped_the_mail_is_told_again_when_it_comes_again(recipients):
    bounced(recipients, 1, 4, 8)
    assert bounced(recipients, 8, 4)[0] is not None


def test_a_hard_bounce_takes_the_place_of_soft_ones_and_these_change_nothing_after_it(recipients):
    bounced(recipients, 1, 4, 8)
    assert recipients.suppress(MIA, hard(5))
    assert bounced(recipients, 9) == [None]
    found = recipients.get(MIA)
    assert (found.suppressions, found.soft) == ((hard(5),), {})


def test_of_hard_bounces_the_oldest_is_the_evidence_and_a_repeat_is_told_again(recipients):
    told = [recipients.suppress("Mia@Example.org ", hard(day)) for day in (5, 7, 3, 3, 5)]
    assert told == [True, False, True, True, False]
    assert recipients.get(MIA).suppressions == (hard(3),)


def said(day, by="command", scope="all"):
    return Suppression(scope=scope, reason="asked for", message_id="", evidence="", at=at(day), by=by)


def test_an_operators_word_stands_until_there_is_evidence_and_never_in_its_place(recipients):
    assert [recipients.suppress(MIA, said(day)) for day in (5, 3)] == [True, False]
    assert recipients.suppress(MIA, hard(9))
    assert not recipients.suppress(MIA, said(1))
    assert recipients.get(MIA).suppressions == (hard(9),)


def test_an_operators_word_takes_the_place_of_what_would_end_by_itself(recipients):
    bounced(recipients, 1, 4, 8)
    assert recipients.suppress(MIA, said(9))
    assert (recipients.get(MIA).suppressions, recipients.get(MIA).soft) == ((said(9),), {})


@pytest.mark.parametrize("stop", [lambda to: to.suppress(MIA, hard(8)), lambda to: bounced(to, 1, 4, 8)])
def test_who_is_suppressed_is_in_the_list_by_when_that_was_and_nobody_else(stop):
    table = FakeTable()
    Recipients(table).soft_bounce("bo@example.net", message_id="m1", evidence="b", at=at(1), limit=THREE_IN_TEN_DAYS)
    stop(Recipients(table))
    listed = {address: item.get("listed_at") for address, item in table.items.items()}
    assert listed == {MIA: at(8), "bo@example.net": None}


def test_a_stream_is_stopped_alone(recipients):
    recipients.suppress(MIA, hard(5, "marketing"))
    assert (stopped(recipients, 6, "marketing"), stopped(recipients, 6)) == (hard(5, "marketing"), None)


def test_no_more_soft_bounces_are_kept_than_an_item_should_hold(recipients):
    for number in range(60):
        recipients.soft_bounce(
            MIA, message_id="m1", evidence=f"Bounce#{number:02}", at=at(3), limit=SoftBounces(most=20, days=10)
        )
    assert sorted(recipients.get(MIA).soft) == [f"m1#Bounce#{number:02}" for number in range(10, 60)]


@pytest.mark.parametrize(
    ("sender", "domain"), [("Acme <hello@Acme.Test>", "acme.test"), ("a@b.test", "b.test"), ("", "")]
)
def test_the_domain_of_a_sender(sender, domain):
    assert domain_of(sender) == domain
