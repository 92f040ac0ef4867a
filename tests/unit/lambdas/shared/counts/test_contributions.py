"""What a message counts as: each kind of item, literally."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.counts.contributions import OUTCOMES, contributions

SENT = {
    "id": "m1",
    "state": "sent",
    "stream": "transactional",
    "template": "welcome",
    "recipient": "mia@example.org",
    "from_domain": "acme.test",
    "created_at": "2026-11-20T23:59:58.000Z",
    "day": "2026-11-20",
    "sent_at": "2026-11-21T00:00:01.000Z",
}


def event(kind, at="2026-11-21T10:30:00.000Z", **facts):
    return {"kind": kind, "at": at, "facts": facts}


def by_template(item):
    """The outcomes that the message has in the row of its template, which are those in the row of its domain."""
    found = contributions(item)
    templates = {outcome for _, sk, outcome in found if "#template#" in sk}
    assert templates == {outcome for _, sk, outcome in found if "#domain#" in sk}
    return templates


def by_hour(item):
    return {cell for cell in contributions(item) if cell[0].startswith("HOUR#")}


def test_a_message_counts_on_the_day_and_in_the_hour_in_which_ses_took_it():
    assert contributions(SENT) == {
        ("DAY#2026-11-21", "transactional#template#welcome", "sent"),
        ("DAY#2026-11-21", "transactional#domain#example.org", "sent"),
        ("HOUR#2026-11-21T00", "transactional#acme.test", "sent"),
    }


def test_what_is_not_there_or_not_sent_yet_counts_nowhere():
    claimed = {name: value for name, value in SENT.items() if name != "sent_at"} | {"state": "claimed"}
    assert contributions({}) == contributions(claimed) == contributions(claimed | {"state": "cancelled"}) == set()


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("failed", "failed"), ("refused", "failed"), ("limited", "failed"), ("suppressed", "suppressed")],
)
def test_a_message_without_a_mail_counts_on_the_day_it_was_asked_for(state, outcome):
    ended = {name: value for name, value in SENT.items() if name != "sent_at"} | {"state": state}
    assert contributions(ended) == {
        ("DAY#2026-11-20", "transactional#template#welcome", outcome),
        ("DAY#2026-11-20", "transactional#domain#example.org", outcome),
    }


KINDS = [
    ([event("Send")], set()),
    ([event("Delivery")], {"delivered"}),
    ([event("DeliveryDelay", type="MailboxFull"), event("Delivery")], {"delayed", "delivered"}),
    ([event("Bounce", type="Permanent", subtype="General")], {"bounced_permanent"}),
    ([event("Bounce", type="Permanent", subtype="NewIn2030")], {"bounced_permanent"}),
    ([event("Bounce", type="Permanent", subtype="OnAccountSuppressionList")], {"suppressed"}),
    ([event("Bounce", type="Permanent", subtype="OnTenantSuppressionList")], {"suppressed"}),
    ([event("Bounce", type="Transient", subtype="MailboxFull")], {"bounced_transient"}),
    ([event("Bounce", type="Undetermined", subtype="Undetermined")], {"bounced_undetermined"}),
    ([event("Bounce", type="NewIn2030")], {"bounced_undetermined"}),
    ([event("Delivery"), event("Bounce", type="Permanent")], {"delivered", "bounced_permanent"}),
    ([event("Complaint", type="abuse"), event("Complaint")], {"complained"}),
    ([event("Complaint", type="not-spam")], set()),
    ([event("Complaint", subtype="OnAccountSuppressionList")], {"suppressed"}),
    ([event("Open", bot="Likely")], {"opened_bot"}),
    ([event("Open", bot="Unlikely"), event("Open", bot="Likely")], {"opened"}),
    ([event("Open"), event("Click", bot="Likely")], {"opened", "clicked_bot"}),
    ([event("Reject", reason="Bad content")], {"failed"}),
    ([event("Rendering Failure")], {"failed"}),
    ([event("Teleported")], set()),
]


@pytest.mark.parametrize(("events", "outcomes"), KINDS)
def test_events_count_once_a_message_and_by_what_they_say(events, outcomes):
    item = SENT | {f"event#{number}": value for number, value in enumerate(events)}
    assert by_template(item) == {"sent", *outcomes}


def test_hours_are_those_of_the_first_hard_bounce_and_the_first_complaint():
    item = SENT | {
        "event#a": event("Bounce", "2026-11-21T09:59:59.999Z", type="Permanent", subtype="OnAccountSuppressionList"),
        "event#b": event("Bounce", "2026-11-21T12:00:00.000Z", type="Permanent", subtype="General"),
        "event#c": event("Bounce", "2026-11-21T11:59:59.000+00:00", type="Permanent", subtype="NoEmail"),
        "event#d": event("Bounce", "2026-11-21T10:00:00.000Z", type="Transient", subtype="General"),
        "event#e": event("Complaint", "2026-11-22T08:00:00.000Z", type="abuse"),
        "event#f": event("Complaint", "2026-11-22T07:00:00.000Z", type="not-spam"),
    }
    assert by_hour(item) == {
        ("HOUR#2026-11-21T00", "transactional#acme.test", "sent"),
        ("HOUR#2026-11-21T11", "transactional#acme.test", "bounced"),
        ("HOUR#2026-11-22T08", "transactional#acme.test", "complained"),
    }


@pytest.mark.parametrize(
    ("recipient", "domain"),
    [
        ("Mia@Example.ORG", "example.org"),
        ("Mia Maier <mia@example.org>", "example.org"),
        ('"a, b"@example.org', "example.org"),
        ("mia@example.org, bo@example.org", "example.org"),
        ("mia@example.org, bo@example.net", "several"),
        ("", "unknown"),
        ("mia@", "unknown"),
        ("mia", "unknown"),
    ],
)
def test_the_domain_is_the_recipients(recipient, domain):
    names = {sk.split("#")[2] for _, sk, _ in contributions(SENT | {"recipient": recipient}) if "#domain#" in sk}
    assert names == {domain}


def test_mail_of_another_application_is_foreign_whatever_it_calls_its_stream():
    foreign = {"id": "ses-1", "recipient": "mia@example.org", "sent_at": "2026-11-21T10:00:00.000Z"}
    expected = {
        ("DAY#2026-11-21", "foreign#template#", "sent"),
        ("DAY#2026-11-21", "foreign#domain#example.org", "sent"),
        ("HOUR#2026-11-21T10", "foreign#unknown", "sent"),
    }
    assert contributions(foreign) == contributions(foreign | {"stream": "a#b"}) == expected


values = st.none() | st.booleans() | st.text(max_size=8) | st.sampled_from(["2026-11-21T10:00:00.000Z", "Permanent"])
facts = st.dictionaries(st.sampled_from(["type", "subtype", "bot"]), values)
events = st.fixed_dictionaries(
    {}, optional={"kind": st.sampled_from(["Bounce", "Complaint", "Open"]) | values, "at": values, "facts": facts}
)
names = st.sampled_from(["state", "sent_at", "created_at", "stream", "template", "recipient", "from_domain"])
times = st.datetimes().map(lambda at: at.isoformat()) | st.just("0001-01-01T00:00:00+14:00")


@given(
    st.dictionaries(names, values),
    st.dictionaries(st.sampled_from(["sent_at", "created_at"]), times),
    st.dictionaries(st.sampled_from(["event#1", "event#2"]), events),
)
def test_no_item_stops_the_counting(fields, times, events):
    for pk, sk, counter in contributions(fields | times | events):
        assert pk.startswith(("DAY#", "HOUR#"))
        assert len(sk.encode()) < 1024
        assert counter in {*OUTCOMES, "bounced"}
