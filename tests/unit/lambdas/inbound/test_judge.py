import pytest

from lambdas.inbound.judge import flags, may_be_answered, set_aside
from lambdas.inbound.notification import Received
from lambdas.shared.mail.parse import parse

OWN = {"support@acme.test"}


def received(**changes):
    fields = {
        "ses_id": "ses-1",
        "at": "2026-11-21T10:00:00.000Z",
        "source": "mia@example.org",
        "recipients": ("support@acme.test",),
        "raw_key": "raw/ses-1",
        "spam": "PASS",
        "virus": "PASS",
        "dmarc": "PASS",
    }
    return Received(**fields | changes)


def mail(*fields):
    lines = ["From: Mia <mia@example.org>", "To: support@acme.test", "Subject: Hi", *fields, "", "Text"]
    return parse("\r\n".join(lines).encode())


@pytest.mark.parametrize(
    ("verdicts", "outcome"),
    [
        ({"virus": "FAIL"}, "quarantined"),
        ({"virus": "FAIL", "spam": "FAIL"}, "quarantined"),
        ({"spam": "FAIL"}, "spam"),
    ],
)
def test_a_virus_and_spam_become_no_ticket(verdicts, outcome):
    assert set_aside(received(**verdicts), mail())[0] == outcome


@pytest.mark.parametrize("verdict", ["PASS", "GRAY", "PROCESSING_FAILED", "DISABLED"])
def test_any_other_verdict_loses_no_mail(verdict):
    assert set_aside(received(spam=verdict, virus=verdict, dmarc=verdict), mail()) is None


def test_an_auto_reply_says_why_it_is_one():
    outcome, reason = set_aside(received(), mail("Auto-Submitted: auto-replied"))
    assert outcome == "auto-reply"
    assert "Auto-Submitted" in reason


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ({}, ()),
        ({"dmarc": "FAIL"}, ("sender not authenticated (DMARC)",)),
        ({"dmarc": "GRAY"}, ()),
        ({"virus": "PROCESSING_FAILED"}, ("not checked for viruses",)),
        ({"virus": "DISABLED", "spam": "DISABLED"}, ("not checked for viruses", "not checked for spam")),
        ({"spam": "GRAY"}, ("may be spam",)),
    ],
)
def test_doubts_are_flagged(verdicts, expected):
    assert flags(received(**verdicts)) == expected


def test_a_persons_mail_may_be_answered():
    assert may_be_answered(received(), mail(), OWN)


@pytest.mark.parametrize(
    "source",
    ["", "support@acme.test", "noreply@example.org", "MAILER-DAEMON@example.org", "owner-list@example.org", "nobody"],
)
def test_nobody_answers_these_senders(source):
    assert not may_be_answered(received(source=source), mail(), OWN)


@pytest.mark.parametrize(
    "field",
    [
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "List-Id: <news.example.org>",
        "X-Auto-Response-Suppress: All",
    ],
)
def test_nobody_answers_mail_marked_like_this(field):
    assert not may_be_answered(received(), mail(field), OWN)
