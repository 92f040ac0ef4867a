"""Bounces and complaints that come as mail: from SMTP's last byte through `inbound` and `feedback` to the recipient."""

import boto3
import pytest

from lambdas.shared.messages import Messages
from lambdas.shared.recipients import Recipients
from tests.integration.post import DONE, stored
from tests.integration.records import batch, drain

OURS = "mfrggzdfmztwq2lknnwg23tpob"
NAMED = f"X-Mailroom-Message: {OURS}"
KNOWN = {
    "id": OURS,
    "state": "sent",
    "stream": "marketing",
    "template": "notice",
    "recipient": "Gone@example.org",
    "ses_id": "01000192f3a1-support-9",
    "sent_at": "2026-11-21T09:00:00.000Z",
}
COMPLAINED = {"recipient": "annoyed@example.net", "ses_id": "01000192f3a1-news-1"}


@pytest.fixture
def comes_back(receive, handler):
    """A report of tests/mail comes, on a mail that had this header; what is in between the functions is its answer."""
    feedback = handler("feedback").handler

    def deliver(name, header=NAMED, ses_id="ses-1"):
        raw = stored(name)
        at = raw.find(b"Message-ID: <01000192f3a1")
        assert receive(name, ses_id, source="", raw=raw[:at] + f"{header}\r\n".encode() + raw[at:]) == DONE
        told = drain("feedback")
        assert feedback(batch(*told), None) == DONE
        return told

    return deliver


def sent(**changes):
    boto3.resource("dynamodb").Table("messages").put_item(Item=KNOWN | changes)


def message(message_id=OURS):
    return Messages(boto3.resource("dynamodb").Table("messages")).get(message_id)


def suppressions(address):
    found = Recipients(boto3.resource("dynamodb").Table("recipients")).get(address).suppressions
    return [(suppression.scope, suppression.reason) for suppression in found]


def test_a_bounce_that_comes_as_mail_suppresses_its_recipient_once(comes_back, heard):
    sent()
    [envelope] = comes_back("postfix-dsn")
    assert (envelope["Type"], envelope["MessageId"]) == ("Notification", "mail-ses-1")
    assert suppressions("gone@example.org") == [("all", "permanent bounce (General)")]
    assert (message().status, message().sent_at) == ("bounced", "2026-11-21T09:00:00.000Z")
    told = heard()
    assert [kind for kind, _ in told] == ["RecipientSuppressed", "MailBounced"]
    assert (told[1][1]["recipients"], told[1][1]["stream"]) == (["Gone@example.org"], "marketing")
    assert comes_back("postfix-dsn") == []
    assert heard() == []


def test_a_complaint_that_comes_as_mail_suppresses_the_mails_stream(comes_back):
    sent(**COMPLAINED)
    comes_back("arf-complaint")
    assert suppressions("annoyed@example.net") == [("marketing", "complaint (abuse)")]
    assert message().timeline[-1].facts == {"type": "abuse", "agent": "ExampleLoop/2.1", "reported_by": "mail"}


def test_so_does_one_on_mail_of_another_application_that_we_know_of(comes_back):
    sent(id="ses-01000192f3a1-news-1", stream="foreign", **COMPLAINED)
    comes_back("arf-complaint", "X-Other: 1")
    assert suppressions("annoyed@example.net") == [("marketing", "complaint (abuse)")]
    assert message("ses-01000192f3a1-news-1").status == "complained"


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": "somebody.else@example.org"},
        {"ses_id": "01000192f3a1-support-8"},
        {"id": "another"},
    ],
)
def test_who_does_not_know_what_ses_called_the_mail_or_speaks_of_another_is_not_believed(comes_back, heard, changes):
    """A message's id may be guessed, where its idempotency key can; what SES called the mail cannot."""
    sent(**changes)
    assert len(comes_back("postfix-dsn")) == 1
    assert boto3.resource("dynamodb").Table("recipients").scan()["Items"] == []
    assert [item["id"] for item in boto3.resource("dynamodb").Table("messages").scan()["Items"]] == [
        changes.get("id", OURS)
    ]
    assert heard() == []


def test_a_report_that_names_no_mail_of_ours_is_kept_and_told_nobody(comes_back, tickets):
    assert comes_back("exchange-out-of-office") == []
    assert comes_back("exim-delay-warning", ses_id="ses-2") == []
    assert tickets.delivery("ses-2").outcome == "delay"


def test_a_report_that_could_not_be_passed_on_has_no_outcome_and_is_passed_on_later(
    comes_back, receive, tickets, monkeypatch
):
    sent()
    with monkeypatch.context() as broken:
        broken.setenv("FEEDBACK_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/none")
        assert receive("postfix-dsn", "ses-1", source="")["batchItemFailures"]
    assert tickets.delivery("ses-1") is None
    comes_back("postfix-dsn")
    assert suppressions("gone@example.org") == [("all", "permanent bounce (General)")]
