from datetime import UTC, datetime, timedelta

import boto3
import pytest

from tests.integration.post import DONE, aside, letter, newest, stored, told
from tests.integration.records import batch, bus_event, drain, reasons


def as_ses_stores_it(ses_id, raw, *, source="mia@example.org", to="support@acme.test", results="pass", verdict="PASS"):
    top = [
        f"Return-Path: <{source}>",
        "Received: from mail.example.org (mail.example.org [192.0.2.7])",
        f" by inbound-smtp.eu-west-1.amazonaws.com with SMTP id {ses_id}",
        f" for {to};",
        " Sat, 21 Nov 2026 11:00:05 +0100 (CET)",
        f"X-SES-Spam-Verdict: {verdict}",
        "X-SES-Virus-Verdict: PASS",
        f"Received-SPF: {results} (spfCheck: domain of example.org designates 192.0.2.7) client-ip=192.0.2.7;",
        "Authentication-Results: amazonses.com;",
        f" spf={results} (spfCheck) client-ip=192.0.2.7; envelope-from={source}; helo=mail.example.org;",
        f" dkim={results} header.i=@example.org;",
        f" dmarc={results} header.from=example.org;",
        "X-SES-RECEIPT: AEFBQUFBQUFB",
    ]
    return "\r\n".join([*top, ""]).encode() + raw


@pytest.fixture
def keep(aws):
    """Puts a mail into the bucket as SES does: `keep("ses-1", raw)`; nobody is told."""

    def put(ses_id, raw, **top):
        boto3.client("s3").put_object(Bucket="mail", Key=f"raw/{ses_id}", Body=as_ses_stores_it(ses_id, raw, **top))

    return put


@pytest.fixture
def command(receive):
    """Gives `inbound` a command: `command("RetryMail", key="raw/ses-1")`."""

    def run(kind, **detail):
        return receive.module.handler(batch(bus_event(kind, detail)), None)

    return run


def test_a_mail_that_nobody_was_told_of_is_handled_by_its_key(keep, command, tickets, heard):
    keep("ses-1", stored("gmail-new-question"))
    assert command("RetryMail", key="raw/ses-1") == DONE
    [message] = tickets.messages(1)
    assert (message.at, message.sender, message.flags) == ("2026-11-21T10:00:05.000Z", "mia@example.org", ())
    assert told(heard) == [("TicketOpened", 1), ("acknowledgement", 1), ("ticket-notification", 1)]
    command("RetryMail", key="raw/ses-1")
    assert (len(tickets.messages(1)), heard()) == (1, [])


def test_an_answer_that_nobody_was_told_of_joins_its_ticket_by_the_token(keep, command, receive, tickets):
    receive("gmail-new-question", "ses-1")
    keep("ses-2", letter(text="Thanks"), to=f"support+{tickets.get(1).token}@acme.test")
    command("RetryMail", key="raw/ses-2")
    assert [message.id for message in tickets.messages(1)] == ["ses-1", "ses-2"]


def test_what_the_sender_wrote_as_if_it_were_sess_is_not_believed(keep, command, receive, tickets):
    receive("gmail-new-question", "ses-1")
    answer = letter("In-Reply-To: <CAF2u7wKq9mia+question1@mail.gmail.com>")
    keep("ses-2", as_ses_stores_it("ses-2", answer), source="eve@x.test", results="fail", verdict="FAIL")
    command("RetryMail", key="raw/ses-2")
    assert [mail.outcome for mail in aside(10)] == ["spam"]
    keep("ses-3", as_ses_stores_it("ses-3", answer), source="eve@x.test", results="fail")
    command("RetryMail", key="raw/ses-3")
    assert len(tickets.messages(1)) == 1
    assert tickets.messages(2)[0].flags == (
        "sender not authenticated (DMARC failed)",
        "answers ticket 1, but its sender is not authenticated",
    )


def test_what_ses_did_not_write_is_dead_lettered_and_listed(command, tickets):
    boto3.client("s3").put_object(Bucket="mail", Key="raw/ses-1", Body=stored("gmail-new-question"))
    command("RetryMail", key="raw/ses-1")
    assert [mail.outcome for mail in aside(10)] == ["unreadable"]
    assert reasons() == ["raw/ses-1 does not begin with the Received field that SES writes, with the id ses-1"]


def test_a_key_without_a_mail_is_dead_lettered_with_the_reason(command):
    command("RetryMail", key="raw/none")
    assert reasons() == ["there is no raw/none in the bucket: it was deleted, or never received"]


def test_sess_setup_notice_is_not_retried(keep, command):
    keep("AMAZON_SES_SETUP_NOTIFICATION", b"")
    command("RetryMail", key="raw/AMAZON_SES_SETUP_NOTIFICATION")
    assert (newest(10), aside(10)) == ([], [])


def test_released_spam_becomes_a_ticket_as_if_it_were_clean(keep, command, receive, tickets, heard):
    receive("gmail-new-question", "ses-1", spam="FAIL")
    keep("ses-1", stored("gmail-new-question"), verdict="FAIL")
    assert [mail.outcome for mail in aside(10)] == ["spam"]
    command("ReleaseMail", ses_id="ses-1")
    assert tickets.messages(1)[0].flags == ("taken for spam by SES",)
    assert (aside(10), tickets.delivery("ses-1").outcome) == ([], "ticket")
    assert told(heard) == [("TicketOpened", 1), ("acknowledgement", 1), ("ticket-notification", 1)]
    command("ReleaseMail", ses_id="ses-1")
    assert (len(newest(10)), heard()) == (1, [])


def test_a_release_that_broke_off_is_finished_by_the_next(keep, command, receive, tickets, heard, monkeypatch):
    receive("gmail-new-question", "ses-1", spam="FAIL")
    keep("ses-1", stored("gmail-new-question"), verdict="FAIL")
    with monkeypatch.context() as broken:
        broken.setattr(receive.module.telling.emit.__self__, "_name", "no-such-bus")
        assert command("ReleaseMail", ses_id="ses-1") != DONE
    assert command("ReleaseMail", ses_id="ses-1") == DONE
    assert told(heard) == [("TicketOpened", 1), ("acknowledgement", 1), ("ticket-notification", 1)]


def test_a_virus_is_released_only_by_who_says_so(keep, command, receive, tickets):
    receive("outlook-pdf-attachment", "ses-1", virus="FAIL")
    keep("ses-1", stored("outlook-pdf-attachment"))
    command("ReleaseMail", ses_id="ses-1")
    assert [mail.outcome for mail in aside(10)] == ["quarantined"]
    assert reasons() == ['SES found a virus in ses-1: say "virus": true to release it all the same']
    command("ReleaseMail", ses_id="ses-1", virus=True)
    [message] = tickets.messages(1)
    assert message.flags == ("SES found a virus in it; released from quarantine",)
    assert len(message.attachments) == 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [(None, "no mail ses-1 was received"), ("postfix-dsn", "ses-1 is not held as spam or for a virus: it is bounce")],
)
def test_any_other_mail_is_not_released(command, receive, name, reason):
    if name:
        receive(name, "ses-1")
    command("ReleaseMail", ses_id="ses-1")
    assert reasons() == [reason]


def test_released_mail_that_is_an_answer_joins_its_ticket(keep, command, receive, tickets):
    receive("gmail-new-question", "ses-1")
    token = f"support+{tickets.get(1).token}@acme.test"
    receive(None, "ses-2", raw=letter(text="Thanks"), to=(token,), spam="FAIL")
    keep("ses-2", letter(text="Thanks"), to=token, verdict="FAIL")
    command("ReleaseMail", ses_id="ses-2")
    assert [message.id for message in tickets.messages(1)] == ["ses-1", "ses-2"]


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ({}, "RetryMail: detail must contain ['key'] properties"),
        ({"key": "attachments/1/0"}, "RetryMail: detail.key must match pattern ^raw/[^/]+$"),
    ],
)
def test_a_command_that_does_not_fit_its_schema_is_dead_lettered(command, detail, reason):
    command("RetryMail", **detail)
    assert reasons() == [reason]


@pytest.fixture
def later(receive, monkeypatch):
    """Runs Reconcile some time after the mails came; gives the keys of the mails to retry and the next pages."""

    def run(hours=2, **detail):
        monkeypatch.setitem(vars(receive.module.again), "now", lambda: datetime.now(UTC) + timedelta(hours=hours))
        receive.module.handler(batch(bus_event("Reconcile", detail)), None)
        commands = drain("queue")
        return sorted(body["detail"].get("key") or body["detail-type"] for body in commands)

    return run


def test_mails_without_an_outcome_are_found_and_handled(keep, command, receive, tickets, later):
    receive("gmail-new-question", "ses-1")
    receive("postfix-dsn", "ses-2")
    receive("truncated-unreadable", "ses-3")
    keep("ses-4", letter(text="Nobody was told"))
    keep("AMAZON_SES_SETUP_NOTIFICATION", b"")
    assert later() == ["raw/ses-4"]
    command("RetryMail", key="raw/ses-4")
    assert tickets.delivery("ses-4").outcome == "ticket"
    assert later() == []


@pytest.mark.parametrize(("hours", "found"), [(0.9, []), (1.1, ["raw/ses-1"]), (719, ["raw/ses-1"]), (721, [])])
def test_only_what_is_an_hour_to_thirty_days_old_is_retried(keep, later, hours, found):
    keep("ses-1", letter())
    assert later(hours) == found


def test_a_mail_that_the_world_was_not_told_of_is_retried(receive, later, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(receive.module.telling.emit.__self__, "_name", "no-such-bus")
        receive("gmail-new-question", "ses-1")
    assert later() == ["raw/ses-1"]


def test_all_pages_are_looked_through(keep, receive, monkeypatch):
    for number in range(5):
        keep(f"ses-{number}", letter())
    s3 = receive.module.s3
    listing = s3.list_objects_v2
    with monkeypatch.context() as small:
        small.setattr(s3, "list_objects_v2", lambda **asked: listing(**asked, MaxKeys=2))
        small.setitem(vars(receive.module.again), "now", lambda: datetime.now(UTC) + timedelta(hours=2))
        bodies, found = [bus_event("Reconcile", {})], []
        while bodies:
            receive.module.handler(batch(*bodies), None)
            commands = drain("queue")
            found += [body["detail"]["key"] for body in commands if body["detail-type"] == "RetryMail"]
            bodies = [body for body in commands if body["detail-type"] == "Reconcile"]
    assert sorted(found) == [f"raw/ses-{number}" for number in range(5)]
