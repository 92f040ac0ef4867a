"""Mail to the address of the setting `reports`."""

from dataclasses import replace
from datetime import UTC, datetime

import boto3
import pytest

from lambdas.shared.aggregates.report import Sender
from lambdas.shared.aggregates.table import Reports
from tests.integration.post import DONE, aside, letter, newest, stored
from tests.integration.records import reasons
from tests.report_mail import gzipped, mailed, report, zipped

REPORTS = ("reports@acme.test",)
GOOGLE = mailed(("google.gz", gzipped(report("google.xml"))))
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def reported(receive, monkeypatch):
    """A mail to the reports' address that SES receives: `reported(GOOGLE, "ses-1", dmarc="FAIL")`."""
    module = receive.module
    dated = replace(module.mailroom, aggregates=replace(module.aggregates, now=lambda: NOW))
    monkeypatch.setattr(module, "mailroom", dated)
    monkeypatch.setattr(module, "again", replace(module.again, mailroom=dated))
    monkeypatch.setitem(module.COMMANDS, "ReleaseMail", module.again.release)

    def deliver(raw, ses_id, *, to=REPORTS, source="noreply@google.com", **verdicts):
        return receive(None, ses_id, raw=raw, to=to, source=source, **verdicts)

    return deliver


@pytest.fixture
def reports(aws):
    return Reports(boto3.resource("dynamodb").Table("reports"))


def dmarc(reports, domain="acme.test", since="2026-11-01"):
    return list(reports.dmarc(domain, since))


def test_a_report_is_kept_with_who_sent_it_and_becomes_no_ticket(reported, reports, tickets, heard):
    assert reported(GOOGLE, "ses-1") == DONE
    [(found, sender)] = dmarc(reports)
    assert (found.organisation, found.id, sum(row.count for row in found.rows)) == (
        "google.com",
        "7213349560488123456",
        421,
    )
    assert sender == Sender(
        organisation="google.com",
        contact="noreply-dmarc-support@google.com",
        domain="google.com",
        spf="PASS",
        dkim="PASS",
        dmarc="PASS",
        mail="ses-1",
    )
    known = tickets.delivery("ses-1")
    assert (known.outcome, known.mailbox, known.announced) == ("aggregate", "reports@acme.test", True)
    assert known.reason == "DMARC report of google.com on acme.test, 2026-11-20"
    assert (newest(10), aside(10), heard(), reasons()) == ([], [], [], [])


def test_a_report_that_comes_again_counts_once_however_it_comes(reported, reports, tickets):
    reported(GOOGLE, "ses-1")
    reported(GOOGLE, "ses-1")
    reported(mailed(("google.zip", zipped(report=report("google.xml")))), "ses-2")
    assert len(dmarc(reports)) == 1
    assert tickets.delivery("ses-1").reason == "DMARC report of google.com on acme.test, 2026-11-20"
    assert tickets.delivery("ses-2").reason.endswith(": counted already")


def test_a_report_in_anothers_name_never_stands_for_that_ones(reported, reports):
    reported(GOOGLE, "ses-1", dmarc="FAIL")
    reported(GOOGLE, "ses-2", dmarc="GRAY", source="spy@evil.example")
    reported(GOOGLE, "ses-3")
    assert sorted(sender.domain for _, sender in dmarc(reports)) == ["", "evil.example", "google.com"]


def test_reports_are_found_by_the_stages_domain_and_the_day(reported, reports):
    reported(GOOGLE, "ses-1")
    reported(mailed(("news.xml", report("rfc9990.xml"))), "ses-2")
    assert len(dmarc(reports, since="2026-11-20")) == 2
    assert dmarc(reports, since="2026-11-21") == []
    assert dmarc(reports, domain="example.com") == []


def test_a_tls_report_is_kept_too(reported, reports, tickets):
    reported(mailed(("tls.json", report("tls-google.json"))), "ses-1")
    [(found, sender)] = reports.tls("acme.test", "2026-11-01")
    assert (found.policies[0].succeeded, found.policies[0].failures[0].count, sender.domain) == (120, 2, "google.com")
    assert tickets.delivery("ses-1").reason == "TLS report of Google Inc. on acme.test, 2026-11-20"


BOMB = b'<!DOCTYPE a [<!ENTITY a "ha">]><feedback>&a;</feedback>'


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (mailed(("a.xml", BOMB)), "a.xml: it has a document type declaration"),
        (mailed(("a.gz", gzipped(bytes(9_000_000)))), "a.gz: it unpacks to more than"),
        (mailed(("a.gz", gzipped(report("google.xml").replace(b"acme.test", b"example.com")))), "a.gz: it is about ex"),
        (letter(text="Buy reports!"), "no report is in it: "),
    ],
)
def test_what_is_no_report_is_set_aside_with_its_reason_and_answered_by_nobody(
    reported, reports, tickets, heard, raw, reason
):
    assert reported(raw, "ses-1") == DONE
    [mail] = aside(10)
    assert (mail.outcome, mail.mailbox, mail.raw_key) == ("bad-aggregate", "reports@acme.test", "raw/ses-1")
    assert mail.reason.startswith(reason)
    assert (newest(10), dmarc(reports), heard(), reasons()) == ([], [], [], [])


def test_what_could_be_read_of_a_mail_counts_though_the_rest_is_bad(reported, reports):
    reported(mailed(("a.gz", gzipped(report("google.xml"))), ("b.xml", BOMB)), "ses-1")
    [mail] = aside(10)
    assert mail.reason.startswith("b.xml: it has a document type declaration")
    assert mail.reason.endswith("; DMARC report of google.com on acme.test, 2026-11-20")
    assert len(dmarc(reports)) == 1


def test_a_mail_to_a_mailbox_too_is_a_ticket_unless_it_is_a_report(reported, reports):
    both = ("support@acme.test", "reports@acme.test")
    reported(stored("gmail-new-question"), "ses-1", to=both)
    assert [ticket.mailbox for ticket in newest(10)] == ["support@acme.test"]
    reported(GOOGLE, "ses-2", to=both)
    assert len(newest(10)) == 1
    assert len(dmarc(reports)) == 1


def test_a_report_to_a_mailbox_is_a_ticket(reported, reports):
    reported(GOOGLE, "ses-1", to=("support@acme.test",))
    assert len(newest(10)) == 1
    assert dmarc(reports) == []


ON_TOP = (
    b"Return-Path: <noreply@google.com>\r\n"
    b"Received: from x by inbound-smtp.us-east-1.amazonaws.com with SMTP id ses-1 for reports@acme.test;\r\n"
    b" Sat, 21 Nov 2026 10:00:00 +0000 (UTC)\r\n"
    b"X-SES-Spam-Verdict: FAIL\r\nX-SES-Virus-Verdict: PASS\r\n"
    b"Authentication-Results: amazonses.com; spf=pass; dkim=pass; dmarc=pass;\r\n"
)


def test_a_report_that_was_taken_for_spam_is_kept_once_it_is_released(reported, reports, receive):
    reported(ON_TOP + GOOGLE, "ses-1", spam="FAIL")
    assert [mail.outcome for mail in aside(10)] == ["spam"]
    receive.module.receive({"detail-type": "ReleaseMail", "detail": {"ses_id": "ses-1"}})
    assert aside(10) == []
    assert [sender.domain for _, sender in dmarc(reports)] == ["google.com"]


def test_a_bad_report_is_counted_by_a_retry_once_it_can_be_read(reported, reports, receive, monkeypatch):
    good = receive.module.again
    blind = replace(good.mailroom, aggregates=replace(good.mailroom.aggregates, domains=("example.com",)))
    monkeypatch.setattr(receive.module, "mailroom", blind)
    reported(ON_TOP.replace(b"Spam-Verdict: FAIL", b"Spam-Verdict: PASS") + GOOGLE, "ses-1")
    assert [mail.outcome for mail in aside(10)] == ["bad-aggregate"]
    good.retry({"key": "raw/ses-1"})
    assert aside(10) == []
    assert len(dmarc(reports)) == 1
