import json
from dataclasses import replace
from pathlib import Path

import pytest

from lambdas.inbound.judge import ADDRESS, ADDRESS_LENGTH, flags, may_be_answered, unwanted
from lambdas.shared.mail.parse import parse
from tests.unit.lambdas.inbound.values import MAILBOX, received

OWN = {"support@acme.test", "hello@acme.test"}
MAILBOXES = {"support@acme.test"}


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
    assert unwanted(received(**verdicts), MAILBOX)[0] == outcome


@pytest.mark.parametrize("verdict", ["PASS", "GRAY", "PROCESSING_FAILED", "DISABLED"])
def test_any_other_verdict_loses_no_mail(verdict):
    assert unwanted(received(spam=verdict, virus=verdict, dmarc=verdict), MAILBOX) is None


def test_a_mailbox_may_want_its_spam_but_no_virus():
    wanted = replace(MAILBOX, spam="ticket")
    assert unwanted(received(spam="FAIL"), wanted) is None
    assert unwanted(received(spam="FAIL", virus="FAIL"), wanted)[0] == "quarantined"


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ({}, ()),
        ({"dmarc": "FAIL"}, ("sender not authenticated (DMARC failed)",)),
        ({"dmarc": "GRAY"}, ()),
        ({"dmarc": "GRAY", "spf": "FAIL"}, ()),
        ({"dmarc": "GRAY", "dkim": "GRAY"}, ()),
        ({"dmarc": "GRAY", "spf": "FAIL", "dkim": "FAIL"}, ("sender not authenticated",)),
        ({"dmarc": "GRAY", "spf": "GRAY", "dkim": "GRAY"}, ("sender not authenticated",)),
        ({"dmarc": "DISABLED", "spf": "DISABLED", "dkim": "DISABLED"}, ("sender not authenticated",)),
        ({"dmarc": "PASS", "spf": "FAIL", "dkim": "FAIL"}, ()),
        ({"virus": "PROCESSING_FAILED"}, ("not checked for viruses",)),
        ({"virus": "DISABLED", "spam": "DISABLED"}, ("not checked for viruses", "not checked for spam")),
        ({"spam": "GRAY"}, ("may be spam",)),
        ({"spam": "FAIL"}, ("taken for spam by SES",)),
        ({"released": "spam"}, ("taken for spam by SES",)),
        ({"released": "quarantined"}, ("SES found a virus in it; released from quarantine",)),
    ],
)
def test_doubts_are_flagged(verdicts, expected):
    assert flags(received(**verdicts)) == expected


def test_a_persons_mail_may_be_answered():
    assert may_be_answered(received(), mail(), OWN, MAILBOXES)


@pytest.mark.parametrize(
    "source",
    [
        *("", "support@acme.test", "noreply@example.org", "MAILER-DAEMON@example.org", "owner-list@example.org"),
        *("nobody", "a b@example.org", '"a,b"@example.org', "a@b@example.org", f"{'a' * 310}@example.org"),
    ],
)
def test_nobody_answers_these_senders(source):
    assert not may_be_answered(received(source=source), mail(), OWN, MAILBOXES)


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
    assert not may_be_answered(received(), mail(field), OWN, MAILBOXES)


@pytest.mark.parametrize(
    ("verdicts", "source", "answered"),
    [
        ({"spf": "PASS", "dmarc": "GRAY"}, "bounce-7@lists.example.net", True),
        ({"spf": "GRAY", "dmarc": "PASS"}, "mia@example.org", True),
        ({"spf": "FAIL", "dmarc": "PASS"}, "mia@EXAMPLE.org", True),
        ({"spf": "GRAY", "dmarc": "PASS"}, "victim@example.net", False),
        ({"spf": "FAIL", "dmarc": "GRAY"}, "mia@example.org", False),
        ({"spf": "DISABLED", "dmarc": "DISABLED"}, "mia@example.org", False),
        ({"spam": "GRAY"}, "mia@example.org", False),
        ({"spam": "PROCESSING_FAILED"}, "mia@example.org", False),
    ],
)
def test_only_who_surely_sent_a_mail_that_is_surely_no_spam_is_answered(verdicts, source, answered):
    assert may_be_answered(received(source=source, **verdicts), mail(), OWN, MAILBOXES) is answered


def test_a_sender_who_is_answered_is_one_that_send_mail_takes():
    schema = json.loads(Path("docs/events/SendMail.json").read_text())["properties"]["to"]["anyOf"][0]
    assert (schema["pattern"], schema["maxLength"]) == (f"^{ADDRESS.pattern}$", ADDRESS_LENGTH)


def test_our_own_mail_that_comes_back_in_is_not_answered():
    bounces = received(source="010001-bounce@bounce.acme.test")
    ours = parse(b"From: Acme <Support@acme.test>\r\nTo: support@acme.test\r\n\r\nText")
    assert not may_be_answered(bounces, ours, OWN, MAILBOXES)


@pytest.mark.parametrize(
    ("fields", "answered"),
    [
        ("To: Acme <Support@acme.test>", True),
        ("To: bo@example.net\r\nCc: support+abc@acme.test", True),
        ("To: friends@example.net", False),
        ("To: hello@acme.test", False),
        ("To: undisclosed-recipients:;", False),
        ("Bcc: support@acme.test", False),
    ],
)
def test_only_a_mail_to_a_mailbox_is_answered(fields, answered):
    sent = parse(f"From: mia@example.org\r\n{fields}\r\n\r\nText".encode())
    assert may_be_answered(received(), sent, OWN, MAILBOXES) is answered
