"""Reports that other servers mail to the address of the setting `reports`."""

import time

from local.outside import until
from tests.report_mail import gzipped, mailed, report, zipped

REPORTS = "reports@acme.test"
YESTERDAY = int(time.time()) - 86_400


def about_yesterday(name):
    dated = report(name).replace(b"1795132800", b"%d" % YESTERDAY).replace(b"1795219199", b"%d" % (YESTERDAY + 3_600))
    return dated.replace(b"2026-11-20T", time.strftime("%Y-%m-%dT", time.gmtime(YESTERDAY)).encode())


def deliver(outside, raw, sender):
    outside.deliver(raw, sender=sender, recipients=[REPORTS])


def seen(mailroom, *options):
    [domain] = mailroom("dmarc", "acme.test", *options, "--json")["domains"]
    return domain


def test_a_zipped_report_is_shown_by_the_command_and_is_no_ticket(outside, mailroom, knob):
    sender = "noreply-dmarc-support@google.com"
    knob("verdicts", sender=sender, spf="PASS", dmarc="PASS")
    raw = mailed(("google.zip", zipped(report=about_yesterday("google.xml"))), sender=sender)
    deliver(outside, raw, sender)
    found = until(lambda: (told := seen(mailroom))["reports"] and told, "the report is counted")
    assert (found["domain"], found["mails"], found["passed"]) == ("acme.test", 421, 412)
    assert [source["address"] for source in found["sources"]] == ["54.240.8.12", "2001:db8::77"]
    assert found["reporters"] == [{"domain": "google.com", "organisation": "google.com", "mails": 421}]
    deliver(outside, raw, sender)
    tls = mailed(("tls.gz", gzipped(about_yesterday("tls-google.json"))), sender=sender)
    deliver(outside, tls, sender)
    told = until(lambda: (told := seen(mailroom, "--tls"))["reports"] and told, "the TLS report is counted")
    assert (told["succeeded"], told["failed"]) == (120, 3)
    assert "54.240.8.12" in mailroom("dmarc", "acme.test")
    assert seen(mailroom)["mails"] == 421
    tickets = mailroom("tickets", "--json")["tickets"]
    assert [ticket for ticket in tickets if ticket["requester"] == sender] == []
    assert outside.mail_to(sender) == []


def test_a_bomb_is_set_aside_with_its_reason_and_answered_by_nobody(outside, mailroom):
    sender = "bomber@evil.example"
    deliver(outside, mailed(("bomb.zip", zipped(bomb=b"<feedback>" + bytes(20_000_000))), sender=sender), sender)
    deliver(outside, mailed(("dtd.xml", b'<!DOCTYPE a [<!ENTITY a "ha">]><a>&a;</a>'), sender=sender), sender)

    def aside():
        return [mail for mail in mailroom("tickets", "--aside", "--json") if mail["sender"] == sender]

    found = until(lambda: len(mails := aside()) == 2 and mails, "both are set aside")
    assert {mail["outcome"] for mail in found} == {"bad-aggregate"}
    assert sorted(mail["reason"].partition(" than ")[0] for mail in found) == [
        "bomb.zip: it unpacks to more",
        "dtd.xml: it has a document type declaration, which no report needs and bombs are made of",
    ]
    assert outside.mail_to(sender) == []
