from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from cli.tail import Change
from cli.watch import news, without_addresses

AT = datetime(2026, 11, 21, 10, 0, 5, tzinfo=UTC)
CLAIMED = {
    "id": "m1",
    "recipient": "mia@example.org",
    "stream": "transactional",
    "template": "receipt",
    "state": "claimed",
}
SENT = CLAIMED | {"state": "sent", "sent_at": "2026-11-21T10:00:01.000Z"}
BOUNCE = {
    "kind": "Bounce",
    "at": "2026-11-21T10:00:04.000Z",
    "facts": {"type": "Permanent", "diagnostic": "smtp; 550 5.1.1 <mia@example.org> unknown"},
}
BOUNCED = SENT | {"event#Bounce#1": BOUNCE}


def told(old, new):
    return [(found.at, found.kind, found.facts) for found in news(Change(at=AT, old=old, new=new))]


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        (None, CLAIMED, []),
        (SENT, BOUNCED, ["Bounce"]),
        (BOUNCED, BOUNCED | {"told": True}, []),
        (CLAIMED, CLAIMED | {"state": "throttled", "reason": "too fast"}, ["throttled"]),
        (None, CLAIMED | {"state": "scheduled"}, ["scheduled"]),
        (BOUNCED, None, []),
    ],
)
def test_each_write_tells_what_is_new_in_it(old, new, kinds):
    assert [kind for _, kind, _ in told(old, new)] == kinds


def test_an_event_has_its_own_time_and_facts_and_an_end_that_of_its_write():
    assert told(SENT, BOUNCED) == [("2026-11-21T10:00:04.000Z", "Bounce", BOUNCE["facts"])]
    assert told(CLAIMED, CLAIMED | {"state": "failed", "reason": "no such template"}) == [
        ("2026-11-21T10:00:05.000Z", "failed", {"reason": "no such template"})
    ]


def test_that_ses_took_a_mail_is_told_once_whoever_knew_it_first():
    event = {"kind": "Send", "at": "2026-11-21T10:00:01.000Z", "facts": {}}
    by_event = CLAIMED | {"sent_at": "2026-11-21T10:00:01.000Z", "event#Send#1": event}
    writes = [(None, CLAIMED), (CLAIMED, by_event), (by_event, by_event | {"state": "sent"})]
    assert [kind for old, new in writes for _, kind, _ in told(old, new)] == ["Send"]


def test_a_mail_that_is_not_ours_is_told_too():
    foreign = {"id": "ses-1", "recipient": "mia@example.org", "event#Bounce#1": BOUNCE}
    assert [kind for _, kind, _ in told(None, foreign)] == ["Bounce"]


def test_addresses_are_left_out_of_recipients_and_facts():
    [found] = news(Change(at=AT, old=SENT, new=BOUNCED))
    shown = asdict(without_addresses(found))
    assert shown["recipient"] == "…@example.org"
    assert shown["facts"]["diagnostic"] == "smtp; 550 5.1.1 <…@example.org> unknown"
