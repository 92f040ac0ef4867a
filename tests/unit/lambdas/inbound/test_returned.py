from dataclasses import replace
from pathlib import Path

import pytest

from lambdas.feedback.ses_event import happened
from lambdas.inbound.returned import event, meaning
from lambdas.shared.mail.parse import parse
from tests.unit.lambdas.inbound.values import received

MAILS = Path(__file__).parents[3] / "mail"
OURS = "mfrggzdfmztwq2lknnwg23tpob"


def report(name, header=f"X-Mailroom-Message: {OURS}"):
    """A report of tests/mail on a mail that had this header, too."""
    raw = (MAILS / f"{name}.eml").read_bytes()
    at = max(raw.find(b"Message-ID: <01000192f3a1"), raw.find(b"Message-Id: <01000192f3a1"))
    return parse(raw[:at] + f"{header}\r\n".encode() + raw[at:])


def told(mail):
    return happened(event(received(), mail))


@pytest.mark.parametrize(
    ("name", "ses_id", "key", "recipients", "facts"),
    [
        (
            "postfix-dsn",
            "01000192f3a1-support-9",
            "Bounce#mail-ses-1",
            ("gone@example.org",),
            {"type": "Permanent", "subtype": "General", "status": "5.1.1"},
        ),
        (
            "exchange-dsn",
            "01000192f3a1-support-10",
            "Bounce#mail-ses-1",
            ("full@example.net",),
            {"type": "Transient", "subtype": "MailboxFull", "status": "5.2.2"},
        ),
        (
            "qmail-bounce",
            "01000192f3a1-support-11",
            "Bounce#mail-ses-1",
            ("nobody.here@example.org", "elsewhere@example.net"),
            {"type": "Permanent", "subtype": "General", "status": "5.1.1"},
        ),
        (
            "arf-complaint",
            "01000192f3a1-news-1",
            "Complaint#mail-ses-1",
            ("annoyed@example.net",),
            {"type": "abuse", "agent": "ExampleLoop/2.1"},
        ),
    ],
)
def test_a_report_is_told_as_ses_would(name, ses_id, key, recipients, facts):
    seen = told(report(name))
    assert (seen.by_mail, seen.ses_id, seen.message_id) == (True, ses_id, OURS)
    assert (seen.happening.key, seen.recipients) == (key, recipients)
    assert seen.happening.facts.items() >= facts.items()
    assert seen.happening.facts["reported_by"] == "mail"


def test_a_delay_that_gives_the_mail_back_is_one():
    seen = told(replace(report("postfix-dsn"), kind="delay"))
    assert (seen.happening.kind, seen.recipients) == ("DeliveryDelay", ("gone@example.org",))


@pytest.mark.parametrize("header", ["X-Other: 1", "X-Mailroom-Message: ../m1", "X-Mailroom-Message: "])
def test_a_mail_without_our_header_is_known_by_what_ses_called_it_alone(header):
    assert told(report("postfix-dsn", header)).message_id is None


def test_a_complaint_that_leaves_the_recipient_out_is_about_whom_the_mail_went_to():
    mail = report("arf-complaint")
    assert told(replace(mail, complaint=replace(mail.complaint, recipients=()))).recipients == ("annoyed@example.net",)
    assert told(replace(mail, complaint=None)).happening.facts == {"reported_by": "mail"}


def test_a_bounce_that_names_nobody_says_little_about_whom_the_mail_went_to():
    seen = told(replace(report("postfix-dsn"), bounces=()))
    assert seen.recipients == ("gone@example.org",)
    assert seen.happening.facts == {"type": "Undetermined", "subtype": "Undetermined", "reported_by": "mail"}


@pytest.mark.parametrize(
    "name", ["postfix-delay", "exim-delay-warning", "gmail-reply-with-quote", "vacation-auto-reply"]
)
def test_what_names_no_mail_of_ses_or_is_no_report_is_not_told(name):
    assert event(received(), parse((MAILS / f"{name}.eml").read_bytes())) is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("5.1.1", ("Permanent", "General")),
        ("5.1.10", ("Permanent", "General")),
        ("5.2.1", ("Permanent", "General")),
        ("5.2.2", ("Transient", "MailboxFull")),
        ("4.2.2", ("Transient", "MailboxFull")),
        ("5.3.4", ("Transient", "MessageTooLarge")),
        ("5.7.1", ("Transient", "ContentRejected")),
        ("4.4.7", ("Undetermined", "Undetermined")),
        ("5.0.0", ("Undetermined", "Undetermined")),
        ("", ("Undetermined", "Undetermined")),
    ],
)
def test_only_a_status_that_says_that_there_is_no_mailbox_is_permanent(status, expected):
    assert meaning(status) == expected
