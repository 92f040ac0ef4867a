import json
from pathlib import Path

import boto3
import pytest

from lambdas.shared.tickets import find
from lambdas.shared.tickets.table import Tickets
from tests.integration.records import batch, bus_event, reasons, sns

MAILS = Path(__file__).parents[1] / "mail"
PASS = {"status": "PASS"}
SUPPORT_ID = b"01000192f3a1-support-1@email.amazonses.com"


@pytest.fixture
def receive(handler):
    """Delivers a mail of tests/mail as SES does: `receive("gmail-new-question", "ses-1")`."""
    inbound = handler("inbound")

    def deliver(name, ses_id, *, source="mia@example.org", to=("support@acme.test",), raw=None, receives=1, **verdicts):
        raw = (MAILS / f"{name}.eml").read_bytes() if raw is None else raw
        boto3.client("s3").put_object(Bucket="mail", Key=f"raw/{ses_id}", Body=raw)
        return inbound.handler(batch(notice(ses_id, source, to, verdicts), receives=receives), None)

    deliver.module = inbound
    return deliver


def notice(ses_id, source, to, verdicts):
    given = dict.fromkeys(("spamVerdict", "virusVerdict", "spfVerdict", "dkimVerdict", "dmarcVerdict"), PASS)
    given |= {f"{name}Verdict": {"status": status} for name, status in verdicts.items()}
    action = {"type": "S3", "bucketName": "mail", "objectKey": f"raw/{ses_id}"}
    receipt = {"timestamp": f"2026-11-21T10:00:0{ses_id[-1]}.000Z", "recipients": list(to), "action": action, **given}
    return sns({"notificationType": "Received", "receipt": receipt, "mail": {"messageId": ses_id, "source": source}})


@pytest.fixture
def tickets(aws):
    return Tickets(boto3.resource("dynamodb").Table("tickets"))


def newest(limit):
    return list(find.find(boto3.resource("dynamodb").Table("tickets"), find.Wanted(), limit).tickets)


def aside(limit):
    return find.aside(boto3.resource("dynamodb").Table("tickets"), limit)


def kinds(heard):
    return [(kind, detail.get("ticket")) for kind, detail in heard()]


def test_a_mail_becomes_a_ticket_with_its_message(receive, tickets, heard):
    assert receive("gmail-new-question", "ses-1") == {"batchItemFailures": []}
    [ticket] = newest(10)
    assert (ticket.number, ticket.status, ticket.mailbox) == (1, "new", "support@acme.test")
    assert ticket.subject == "Can I change the delivery address of order 4711?"
    assert (ticket.requester, ticket.requester_name) == ("mia@example.org", "Mia Keller")
    [message] = tickets.messages(1)
    assert (message.sender, message.kind, message.raw_key) == ("mia@example.org", "mail", "raw/ses-1")
    assert message.flags == ()
    [(opened, event), (asked, request)] = heard()
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
    assert kinds(heard) == [("TicketOpened", 1), ("SendMail", "1")]


def test_what_could_not_be_told_is_told_by_the_next_delivery_and_filed_once(receive, tickets, heard, monkeypatch):
    bus = receive.module.mailroom.emit.__self__
    with monkeypatch.context() as broken:
        broken.setattr(bus, "_name", "no-such-bus")
        assert receive("gmail-new-question", "ses-1") == {"batchItemFailures": [{"itemIdentifier": "record-0"}]}
    receive("gmail-new-question", "ses-1")
    assert len(newest(10)) == 1
    assert len(tickets.messages(1)) == 1
    assert kinds(heard) == [("TicketOpened", 1), ("SendMail", "1")]


def test_an_answer_with_the_token_joins_the_ticket_that_nobody_has_looked_at(receive, tickets, heard):
    receive("gmail-new-question", "ses-1")
    [ticket] = newest(10)
    receive("iphone-reply-with-quote", "ses-2", to=(f"support+{ticket.token}@acme.test",))
    first, second = tickets.messages(1)
    assert (first.id, second.id) == ("ses-1", "ses-2")
    assert second.reply.startswith("I’m at the depot now")
    assert "Altstetten" not in second.reply
    assert tickets.get(1).status == "new"
    assert kinds(heard) == [("TicketOpened", 1), ("SendMail", "1"), ("TicketReplied", 1)]


def test_an_answer_within_the_thread_joins_the_ticket(receive, tickets):
    receive("gmail-new-question", "ses-1")
    raw = (MAILS / "gmail-reply-with-quote.eml").read_bytes()
    receive(None, "ses-2", raw=raw.replace(SUPPORT_ID, b"CAF2u7wKq9mia+question1@mail.gmail.com"))
    assert [message.id for message in tickets.messages(1)] == ["ses-1", "ses-2"]


def test_a_stranger_who_knows_token_and_message_id_gets_a_ticket_of_their_own(receive, tickets):
    receive("gmail-new-question", "ses-1")
    [ticket] = newest(10)
    raw = (MAILS / "gmail-reply-with-quote.eml").read_bytes()
    raw = raw.replace(SUPPORT_ID, b"CAF2u7wKq9mia+question1@mail.gmail.com").replace(b"mia@example.org", b"eve@x.test")
    receive(None, "ses-2", raw=raw, source="eve@x.test", to=(f"support+{ticket.token}@acme.test",))
    assert len(tickets.messages(1)) == 1
    assert tickets.get(2).requester == "eve@x.test"


QUESTION_ID = b"CAF2u7wKq9mia+question1@mail.gmail.com"


@pytest.mark.parametrize("by", ["token", "message-id"])
def test_a_forged_sender_gets_a_flagged_ticket_and_brings_nobody_in(receive, tickets, by):
    receive("gmail-new-question", "ses-1")
    [ticket] = newest(10)
    raw = (MAILS / "gmail-reply-with-quote.eml").read_bytes().replace(SUPPORT_ID, QUESTION_ID)
    raw = raw.replace(b"\r\nSubject:", b"\r\nCc: eve@x.test\r\nSubject:", 1)
    assert b"Cc: eve@x.test" in raw
    to = f"support+{ticket.token}@acme.test" if by == "token" else "support@acme.test"
    receive(None, "ses-2", raw=raw, source="eve@x.test", to=(to,), dmarc="FAIL")
    assert [message.id for message in tickets.messages(1)] == ["ses-1"]
    assert tickets.get(1).participants == {"mia@example.org"}
    assert tickets.get(2).participants == {"mia@example.org"}
    assert tickets.messages(2)[0].flags == (
        "sender not authenticated (DMARC failed)",
        "answers ticket 1, but its sender is not authenticated",
    )


@pytest.mark.parametrize(
    ("by", "dmarc", "joins"),
    [("token", "GRAY", True), ("token", "PASS", True), ("message-id", "GRAY", False), ("message-id", "PASS", True)],
)
def test_whom_an_answer_names_joins_only_with_the_token_or_a_passed_dmarc(receive, tickets, by, dmarc, joins):
    receive("gmail-new-question", "ses-1")
    [ticket] = newest(10)
    raw = (MAILS / "gmail-reply-with-quote.eml").read_bytes().replace(SUPPORT_ID, QUESTION_ID)
    raw = raw.replace(b"\r\nSubject:", b"\r\nCc: bo@example.net\r\nSubject:", 1)
    to = f"support+{ticket.token}@acme.test" if by == "token" else "support@acme.test"
    receive(None, "ses-2", raw=raw, to=(to,), dmarc=dmarc)
    assert len(tickets.messages(1)) == 2
    assert ("bo@example.net" in tickets.get(1).participants) is joins


def test_an_answer_that_names_only_our_ses_id_joins_the_ticket(receive, tickets):
    receive("gmail-new-question", "ses-1")
    tickets.sent("01000192f3a1-support-1", 1)
    receive("gmail-reply-with-quote", "ses-2")
    assert [message.id for message in tickets.messages(1)] == ["ses-1", "ses-2"]


def test_a_sender_is_acknowledged_five_times_a_day(receive, tickets, heard):
    for number in range(7):
        receive(None, f"ses-{number}", raw=b"From: mia@example.org\r\nTo: support@acme.test\r\n\r\nAgain")
    assert [kind for kind, _ in kinds(heard)].count("SendMail") == 5
    assert len(newest(10)) == 7


def test_a_mail_whose_envelope_is_not_authenticated_is_not_acknowledged(receive, heard):
    receive("gmail-new-question", "ses-1", source="victim@example.net", spf="FAIL", dmarc="PASS")
    assert kinds(heard) == [("TicketOpened", 1)]


def test_an_attachments_content_type_is_safe_to_serve(receive, tickets):
    raw = (
        b"From: mia@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: application/x-\x01\xe4\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n--b--"
    )
    assert receive(None, "ses-1", raw=raw) == {"batchItemFailures": []}
    [file] = tickets.messages(1)[0].attachments
    stored = boto3.client("s3").get_object(Bucket="mail", Key=file.key)
    assert (file.content_type, stored["ContentType"]) == ("application/octet-stream", "application/octet-stream")


def test_the_same_subject_is_another_ticket(receive, tickets):
    receive("gmail-new-question", "ses-1")
    receive("iphone-reply-with-quote", "ses-2")
    assert {ticket.number for ticket in newest(10)} == {1, 2}


def test_nobody_takes_over_a_thread_by_using_its_message_id(receive, tickets):
    receive("gmail-new-question", "ses-1")
    stolen = (MAILS / "gmail-new-question.eml").read_bytes().replace(b"mia@example.org", b"eve@x.test")
    receive(None, "ses-2", raw=stolen, source="eve@x.test")
    assert tickets.find("message-id", "CAF2u7wKq9mia+question1@mail.gmail.com").number == 1


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


def test_an_auto_reply_within_a_thread_joins_it_without_opening_it(receive, tickets, heard):
    receive("gmail-new-question", "ses-1")
    [ticket] = newest(10)
    raw = (MAILS / "vacation-auto-reply.eml").read_bytes().replace(b"paul@example.org", b"mia@example.org")
    receive(None, "ses-2", raw=raw, to=(f"support+{ticket.token}@acme.test",))
    assert [message.kind for message in tickets.messages(1)] == ["mail", "auto-reply"]
    assert tickets.get(1).status == "new"
    assert kinds(heard)[2:] == [("TicketReplied", 1)]


def test_what_cannot_be_read_is_kept_dead_lettered_and_listed(receive, tickets):
    assert receive("truncated-unreadable", "ses-1") == {"batchItemFailures": []}
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


def test_a_mail_to_two_mailboxes_at_once_is_one_ticket(receive, tickets):
    receive("gmail-new-question", "ses-1", to=("billing@acme.test", "support@acme.test"))
    assert [ticket.mailbox for ticket in newest(10)] == ["support@acme.test"]


def test_a_notification_without_verdicts_loses_no_mail(receive, tickets):
    body = notice("ses-1", "<>", ("support@acme.test",), {})
    told = json.loads(body["Message"])
    told["receipt"] = {key: value for key, value in told["receipt"].items() if not key.endswith("Verdict")}
    boto3.client("s3").put_object(Bucket="mail", Key="raw/ses-1", Body=b"From: mia@example.org\r\n\r\nHello")
    receive.module.handler(batch(sns(told)), None)
    assert tickets.messages(1)[0].flags == (
        "sender not authenticated",
        "not checked for viruses",
        "not checked for spam",
    )


def test_a_mail_larger_than_any_item_is_filed(receive, tickets):
    body = b"From: mia@example.org\r\nSubject: " + b"s" * 5_000 + b"\r\n\r\n" + "漢字 ".encode() * 200_000
    assert receive(None, "ses-1", raw=body) == {"batchItemFailures": []}
    assert len(tickets.messages(1)[0].text.encode()) <= 100_000


def test_sess_setup_notice_is_no_mail(receive, tickets):
    receive(None, "AMAZON_SES_SETUP_NOTIFICATION", raw=b"")
    assert (newest(10), aside(10)) == ([], [])


def test_every_mail_of_ours_gets_an_outcome(receive, tickets):
    names = sorted(path.stem for path in MAILS.glob("*.eml"))
    for index, name in enumerate(names):
        assert receive(name, f"ses-{index}") == {"batchItemFailures": []}, name
    outcomes = [tickets.delivery(f"ses-{index}") for index in range(len(names))]
    assert all(outcome for outcome in outcomes)


@pytest.mark.parametrize("wrong", [{}, {"mail": {}}, {"mail": {"messageId": "x"}, "receipt": []}])
def test_what_is_no_notification_is_dead_lettered(handler, wrong):
    handler("inbound").handler(batch(sns(wrong)), None)
    assert reasons()[0].startswith("no notification of a received mail: ")
