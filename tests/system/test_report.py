"""Counters of what SES reports in any order, several times: what the command reports is what a recount gives."""

import json
from collections import Counter

import pytest

from local.outside import until

DOMAIN = "reports.example"
FATES = {
    "ann": None,
    "bob": "bounced",
    "cid": "complained",
    "dan": "mailbox-full",
    "eve": "delayed",
    "fay": "on-global-list",
}
NOTICE = {"template": "notice", "data": {"title": "Your parcel", "text": "It left this morning."}}


def send(outside, to, key, **more):
    outside.put("SendMail", {"to": to, "idempotency_key": key, "stream": "marketing", **NOTICE, **more})


def row(report, name):
    return next(({"name": name, **found} for found in report["rows"] if found["name"] == name), None)


@pytest.fixture(scope="module")
def told(outside, knob):
    """Mails of every fate, whose events come three times each, backwards and late; and one that is suppressed then."""
    knob("events", copies=3, hold=True)
    try:
        for name, fate in FATES.items():
            if fate:
                knob("fate", address=f"{name}@{DOMAIN}", fate=fate)
            send(outside, f"{name}@{DOMAIN}", f"report-{name}")
        until(lambda: all(outside.mail_to(f"{name}@{DOMAIN}") for name in FATES), "the mails go out")
    finally:
        knob("events", copies=1, hold=False, release="backwards")
    until(lambda: outside.heard("MailBounced"), "the bounces are told")
    until(lambda: not outside.waiting("FeedbackQueue"), "all events are handled")
    send(outside, f"bob@{DOMAIN}", "report-again")
    until(
        lambda: [event for event in outside.heard("MailFailed") if event["recipient"] == f"bob@{DOMAIN}"], "suppressed"
    )


def test_every_mail_is_counted_once_by_what_became_of_it(told, mailroom):
    mailroom("report", "--verify")
    found = row(mailroom("report", "--by", "domain", "--stream", "marketing", "--json"), DOMAIN)
    counted = {
        name: number
        for name, number in found.items()
        if number and name not in {"name", "bounce_rate", "complaint_rate"}
    }
    assert counted == {
        "sent": 6,
        "delivered": 3,
        "delayed": 1,
        "bounced_permanent": 2,
        "bounced_transient": 1,
        "complained": 1,
        "suppressed": 1,
    }
    assert found["bounce_rate"] == pytest.approx(2 / 6)


def test_what_is_reported_is_what_a_recount_of_all_messages_gives(told, outside, mailroom):
    verified = mailroom("report", "--verify", "--json")
    assert (verified["uncounted"], verified["differences"]) == (0, [])
    items = list(outside.items("MessagesTable"))
    assert verified["messages"] == len(items)
    kinds = [{event["kind"] for name, event in item.items() if name.startswith("event#")} for item in items]
    total = mailroom("report", "--since", "2d", "--json")["total"]
    assert total["sent"] == sum("sent_at" in item for item in items)
    assert total["delivered"] == sum("Delivery" in seen for seen in kinds)
    by_template = Counter(item.get("template", "") for item in items if "sent_at" in item)
    found = mailroom("report", "--since", "2d", "--by", "template", "--json")["rows"]
    assert {one["name"]: one["sent"] for one in found if one["sent"]} == dict(by_template)


def test_counters_that_are_wrong_are_named_and_corrected(told, outside, mailroom):
    table = outside.table("CountsTable")
    spoilt = next(item for item in outside.items("CountsTable") if item["sk"] == f"marketing#domain#{DOMAIN}")
    key = {name: spoilt[name] for name in ("pk", "sk")}
    table.update_item(Key=key, UpdateExpression="ADD delivered :two", ExpressionAttributeValues={":two": 2})
    assert f"#{DOMAIN}" in json.dumps(mailroom("report", "--verify", "--json", status=1))
    mailroom("report", "--verify", "--repair")
    assert mailroom("report", "--verify", "--json")["differences"] == []
