from pathlib import Path

import boto3
import pytest

from lambdas.shared.tickets import Tickets
from tests.integration.records import batch, reasons, sns

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


def kinds(heard):
    return [(kind, detail.get("ticket")) for kind, detail in heard()]


def test_a_mail_becomes_a_ticket_with_its_message(receive, tickets, heard):
    assert receive("gmail-new-question", "ses-1") == {"batchItemFailures": []}
    [ticket] = tickets.newest(10)
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
    assert len(tickets.newest(10)) == 1
    assert len(tickets.messages(1)) == 1
    assert kinds(heard) == [("TicketOpened", 1), ("SendMail", "1")]


def test_an_answer_with_the_token_joins_the_ticket_and_opens_it(receive, tickets, heard):
    receive("gmail-new-question", "ses-1")
    [ticket] = tickets.newest(10)
    receive("iphone-reply-with-quote", "ses-2", to=(f"support+{ticket.token}@acme.test",))
    first, second = tickets.messages(1)
    assert (first.ses_id, second.ses_id) == ("ses-1", "ses-2")
    assert second.reply.startswith("I’m at the depot now")
    assert "Altstetten" not in second.reply
    assert tickets.get(1).status == "open"
    assert kinds(heard) == [("TicketOpened", 1), ("SendMail", "1"), ("TicketReplied", 1)]


def test_an_answer_within_the_thread_joins_the_ticket(receive, tickets):
    receive("gmail-new-question", "ses-1")
    raw = (MAILS / "gmail-reply-with-quote.eml").read_bytes()
    receive(None, "ses-2", raw=raw.replace(SUPPORT_ID, b"CAF2u7wKq9mia+question1@mail.gmail.com"))
    assert [message.ses_id for message in tickets.messages(1)] == ["ses-1", "ses-2"]


def test_a_stranger_who_knows_token_and_message_id_gets_a_ticket_of_their_own(receive, tickets):
    receive("gmail-new-question", "ses-1")
    [ticket] = tickets.newest(10)
    raw = (MAILS / "gmail-reply-with-quote.eml").read_bytes()
    raw = raw.replace(SUPPORT_ID, b"CAF2u7wKq9mia+question1@mail.gmail.com").replace(b"mia@example.org", b"eve@x.test")
    receive(None, "ses-2", raw=raw, source="eve@x.test", to=(f"support+{ticket.token}@acme.test",))
    assert len(tickets.messages(1)) == 1
    assert tickets.get(2).requester == "eve@x.test"


def test_the_same_subject_is_another_ticket(receive, tickets):
    receive("gmail-new-question", "ses-1")
    receive("iphone-reply-with-quote", "ses-2")
    assert {ticket.number for ticket in tickets.newest(10)} == {1, 2}


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
    [aside] = tickets.aside(10)
    assert (aside.outcome, aside.raw_key, bool(aside.reason)) == (outcome, "raw/ses-1", True)
    assert tickets.newest(10) == []
    assert heard() == []


def test_an_auto_reply_within_a_thread_joins_it_without_opening_it(receive, tickets, heard):
    receive("gmail-new-question", "ses-1")
    [ticket] = tickets.newest(10)
    raw = (MAILS / "vacation-auto-reply.eml").read_bytes().replace(b"paul@example.org", b"mia@example.org")
    receive(None, "ses-2", raw=raw, to=(f"support+{ticket.token}@acme.test",))
    assert [message.kind for message in tickets.messages(1)] == ["mail", "auto-reply"]
    assert tickets.get(1).status == "new"
    assert kinds(heard)[2:] == [("TicketReplied", 1)]


def test_what_cannot_be_read_is_kept_dead_lettered_and_listed(receive, tickets):
    assert receive("truncated-unreadable", "ses-1") == {"batchItemFailures": []}
    [aside] = tickets.aside(10)
    assert (aside.outcome, aside.announced) == ("unreadable", False)
    [reason] = reasons()
    assert reason.startswith("raw/ses-1 cannot be read: ")


def test_a_dead_letter_that_can_be_read_now_becomes_a_ticket(receive, tickets):
    receive("truncated-unreadable", "ses-1")
    receive("gmail-new-question", "ses-1")
    assert [ticket.number for ticket in tickets.newest(10)] == [1]
    assert tickets.aside(10) == []


def test_a_failed_dmarc_check_is_flagged(receive, tickets):
    receive("gmail-new-question", "ses-1", dmarc="FAIL")
    assert tickets.messages(1)[0].flags == ("sender not authenticated (DMARC)",)


def test_a_mail_to_two_mailboxes_at_once_is_one_ticket(receive, tickets):
    receive("gmail-new-question", "ses-1", to=("billing@acme.test", "support@acme.test"))
    assert [ticket.mailbox for ticket in tickets.newest(10)] == ["support@acme.test"]


def test_sess_setup_notice_is_no_mail(receive, tickets):
    receive(None, "AMAZON_SES_SETUP_NOTIFICATION", raw=b"")
    assert (tickets.newest(10), tickets.aside(10)) == ([], [])


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
