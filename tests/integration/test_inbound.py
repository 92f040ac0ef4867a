import json

import boto3
import pytest

from tests.integration.post import DONE, MAILS, aside, newest, notice, told
from tests.integration.records import batch, reasons, sns

PARTS = 6  # of our mails: moto copies all of its tables for each transaction
OPENED = [("TicketOpened", 1), ("acknowledgement", 1), ("ticket-notification", 1)]


def test_a_mail_becomes_a_ticket_with_its_message(receive, tickets, heard):
    assert receive("gmail-new-question", "ses-1") == DONE
    [ticket] = newest(10)
    assert (ticket.number, ticket.status, ticket.mailbox) == (1, "new", "support@acme.test")
    assert ticket.subject == "Can I change the delivery address of order 4711?"
    assert (ticket.requester, ticket.requester_name) == ("mia@example.org", "Mia Keller")
    [message] = tickets.messages(1)
    assert (message.sender, message.kind, message.raw_key) == ("mia@example.org", "mail", "raw/ses-1")
    assert message.flags == ()
    [(opened, event), (asked, request), _] = heard()
    assert (opened, event["ticket"], event["message"]["from"]) == ("TicketOpened", 1, "mia@example.org")
    assert (asked, request["to"], request["template"]) == ("SendMail", "mia@example.org", "acknowledgement")
    assert request["headers"]["In-Reply-To"] == "<CAF2u7wKq9mia+question1@mail.gmail.com>"
    assert request["reply_to"] == f"support+{ticket.token}@acme.test"


def test_attachments_are_kept_with_their_names_and_bytes(receive, tickets):
    receive("outlook-pdf-attachment", "ses-1")
    [message] = tickets.messages(1)
    [file] = message.attachments
    stored = boto3.client("s3").get_object(Bucket="mail", Key=file.key)
    assert file.filename.endswith(".pdf")
    assert (file.content_type, stored["ContentType"]) == ("application/pdf", "application/pdf")
    assert file.size == len(stored["Body"].read())


def test_a_notification_that_comes_twice_is_one_message_and_told_once(receive, tickets, heard):
    receive("gmail-new-question", "ses-1")
    receive("gmail-new-question", "ses-1")
    assert len(tickets.messages(1)) == 1
    assert told(heard) == OPENED


def test_what_could_not_be_told_is_told_by_the_next_delivery_and_filed_once(receive, tickets, heard, monkeypatch):
    bus = receive.module.telling.emit.__self__
    with monkeypatch.context() as broken:
        broken.setattr(bus, "_name", "no-such-bus")
        assert receive("gmail-new-question", "ses-1") == {"batchItemFailures": [{"itemIdentifier": "record-0"}]}
    receive("gmail-new-question", "ses-1")
    assert len(newest(10)) == 1
    assert len(tickets.messages(1)) == 1
    assert told(heard) == OPENED


def test_an_attachments_content_type_is_safe_to_serve(receive, tickets):
    raw = (
        b"From: mia@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: application/x-\x01\xe4\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n--b--"
    )
    assert receive(None, "ses-1", raw=raw) == DONE
    [file] = tickets.messages(1)[0].attachments
    stored = boto3.client("s3").get_object(Bucket="mail", Key=file.key)
    assert (file.content_type, stored["ContentType"]) == ("application/octet-stream", "application/octet-stream")


@pytest.mark.parametrize(
    ("name", "verdicts", "outcome"),
    [
        ("gmail-new-question", {"virus": "FAIL"}, "quarantined"),
        ("gmail-new-question", {"spam": "FAIL"}, "spam"),
        ("postfix-dsn", {}, "bounce"),
        ("postfix-delay", {}, "delay"),
        ("arf-complaint", {}, "complaint"),
        ("exchange-out-of-office", {}, "auto-reply"),
    ],
)
def test_what_is_set_aside_is_kept_with_its_reason_and_answered_by_nobody(
    receive, tickets, heard, name, verdicts, outcome
):
    receive(name, "ses-1", **verdicts)
    [mail] = aside(10)
    assert (mail.outcome, mail.raw_key, bool(mail.reason)) == (outcome, "raw/ses-1", True)
    assert newest(10) == []
    assert heard() == []


def test_what_cannot_be_read_is_kept_dead_lettered_and_listed(receive, tickets):
    assert receive("truncated-unreadable", "ses-1") == DONE
    [mail] = aside(10)
    assert (mail.outcome, mail.announced) == ("unreadable", False)
    [reason] = reasons()
    assert reason.startswith("raw/ses-1 cannot be read: ")


def test_a_dead_letter_that_can_be_read_now_becomes_a_ticket(receive, tickets):
    receive("truncated-unreadable", "ses-1")
    receive("gmail-new-question", "ses-1")
    assert [ticket.number for ticket in newest(10)] == [1]
    assert aside(10) == []


def test_a_failed_dmarc_check_is_flagged(receive, tickets):
    receive("gmail-new-question", "ses-1", dmarc="FAIL")
    assert tickets.messages(1)[0].flags == ("sender not authenticated (DMARC failed)",)


def test_a_notification_without_verdicts_loses_no_mail(receive, tickets):
    body = notice("ses-1", "<>", ("support@acme.test",), {})
    notification = json.loads(body["Message"])
    receipt = notification["receipt"]
    notification["receipt"] = {key: value for key, value in receipt.items() if not key.endswith("Verdict")}
    boto3.client("s3").put_object(Bucket="mail", Key="raw/ses-1", Body=b"From: mia@example.org\r\n\r\nHello")
    receive.module.handler(batch(sns(notification)), None)
    assert tickets.messages(1)[0].flags == (
        "sender not authenticated",
        "not checked for viruses",
        "not checked for spam",
    )


def test_a_mail_larger_than_any_item_is_filed(receive, tickets):
    body = b"From: mia@example.org\r\nSubject: " + b"s" * 5_000 + b"\r\n\r\n" + "漢字 ".encode() * 200_000
    assert receive(None, "ses-1", raw=body) == DONE
    assert len(tickets.messages(1)[0].text.encode()) <= 100_000


def test_sess_setup_notice_is_no_mail(receive, tickets):
    receive(None, "AMAZON_SES_SETUP_NOTIFICATION", raw=b"")
    assert (newest(10), aside(10)) == ([], [])


@pytest.mark.parametrize("part", range(PARTS))
def test_every_mail_of_ours_gets_an_outcome(receive, tickets, part):
    names = sorted(path.stem for path in MAILS.glob("*.eml"))[part::PARTS]
    assert names
    for index, name in enumerate(names):
        assert receive(name, f"ses-{index}") == DONE, name
        assert tickets.delivery(f"ses-{index}"), name


@pytest.mark.parametrize("wrong", [{}, {"mail": {}}, {"mail": {"messageId": "x"}, "receipt": []}])
def test_what_is_no_notification_is_dead_lettered(handler, wrong):
    handler("inbound").handler(batch(sns(wrong)), None)
    assert reasons()[0].startswith("no notification of a received mail: ")


def test_spam_to_a_mailbox_that_wants_it_is_a_flagged_ticket_that_nobody_is_told_of(receive, tickets, heard):
    receive("gmail-new-question", "ses-1", to=("billing@acme.test",), spam="FAIL")
    assert tickets.messages(1)[0].flags == ("taken for spam by SES",)
    assert told(heard) == [("TicketOpened", 1)]
    receive("gmail-new-question", "ses-2", spam="FAIL")
    assert [mail.outcome for mail in aside(10)] == ["spam"]


def test_a_virus_is_no_ticket_in_a_mailbox_that_wants_spam_either(receive):
    receive("gmail-new-question", "ses-1", to=("billing@acme.test",), spam="FAIL", virus="FAIL")
    assert [mail.outcome for mail in aside(10)] == ["quarantined"]
