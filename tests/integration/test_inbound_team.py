from dataclasses import replace

import boto3
import pytest

from tests.integration.post import aside, letter, newest, stored, told

ANN = "ann@acme.test"


@pytest.fixture
def team(receive, tickets, heard):
    """Mail of Ann, who answers for support@, to the address that a notification of ticket 1 asks to be answered at."""
    receive("gmail-new-question", "ses-1")
    [notification] = [detail for kind, detail in heard() if detail.get("template") == "ticket-notification"]

    def write(*fields, sender=ANN, text="It is on its way.", ses_id="ses-2", **delivered):
        raw = letter("Subject: Re: Question", *fields, sender=sender, text=text)
        given = {"raw": raw, "source": sender, "to": (notification["reply_to"],)} | delivered
        receive(None, ses_id, **given)
        return tickets.delivery(ses_id)

    write.notification = notification
    return write


def test_the_team_is_told_of_a_new_ticket_and_how_to_answer(team, tickets):
    told = team.notification
    assert (told["to"], told["from"]) == (ANN, "Acme Support <support@acme.test>")
    assert told["reply_to"] == f"support+{tickets.get(1).team_token}@acme.test"
    assert told["idempotency_key"] == "notification|ses-1|ann@acme.test"
    assert told["headers"] == {"Auto-Submitted": "auto-generated"}
    assert told["ticket"] == "1"
    assert told["data"]["kind"] == "opened"
    assert told["data"]["requester"] == "Mia Keller <mia@example.org>"
    assert told["data"]["paragraphs"][0] == "Hello,"


def test_a_team_members_answer_goes_to_the_customer(team, asked, heard, tickets):
    filed = team()
    assert (filed.outcome, filed.ticket, filed.announced) == ("answer", 1, True)
    [(command, kind, detail)] = asked()
    assert (command, kind) == ("ses-2", "AnswerTicket")
    assert detail == {
        "ticket": 1,
        "text": "It is on its way.",
        "by": ANN,
        "raw_key": "raw/ses-2",
        "attachments": [],
    }
    assert (heard(), len(tickets.messages(1)), len(newest(10)), aside(10)) == ([], 1, 1, [])


def test_files_of_an_answer_are_in_the_bucket_before_it_is_asked_for(team, asked):
    raw = stored("outlook-pdf-attachment").replace(b"hans.bruegger@example.net", ANN.encode())
    team(raw=raw)
    [(_, _, detail)] = asked()
    [file] = detail["attachments"]
    assert (file["key"], file["content_type"]) == ("attachments/ses-2/0", "application/pdf")
    assert len(boto3.client("s3").get_object(Bucket="mail", Key=file["key"])["Body"].read()) == file["size"]


def test_an_answer_that_is_notified_twice_or_delivered_twice_is_asked_for_once(team, asked, tickets):
    team("Message-ID: <answer@acme.test>")
    team("Message-ID: <answer@acme.test>")
    team("Message-ID: <answer@acme.test>", ses_id="ses-3")
    assert [command for command, *_ in asked()] == ["ses-2"]
    assert tickets.delivery("ses-3").outcome == "duplicate"


def test_an_answer_that_could_not_be_asked_for_is_asked_for_by_the_next_delivery(
    team, asked, tickets, receive, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.setenv("TICKETS_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/none")
        assert not team().announced
    assert team().announced
    [(command, _, _)] = asked()
    assert command == "ses-2"


@pytest.mark.parametrize("dmarc", ["FAIL", "GRAY", "DISABLED", "PROCESSING_FAILED"])
def test_an_answer_that_is_not_surely_a_members_is_a_note_that_says_why(team, asked, dmarc):
    assert team(dmarc=dmarc).outcome == "note"
    [(command, kind, detail)] = asked()
    assert (command, kind, detail["text"], detail["by"]) == ("ses-2", "NoteTicket", "It is on its way.", ANN)
    assert detail["flags"][0] == "not sent to the customer: DMARC did not pass for ann@acme.test"


@pytest.mark.parametrize(
    ("fields", "text", "reason"),
    [
        ((), "> It was quoted", "no new text was found in it"),
        ((), "x" * 60_001, "its text has more than 60,000 bytes"),
        (("List-Id: <team.acme.test>",), "Hello", "it came by a mailing list"),
    ],
)
def test_an_answer_that_cannot_be_sent_is_a_note_too(team, asked, fields, text, reason):
    filed = team(*fields, text=text)
    assert (filed.outcome, filed.reason) == ("note", reason)
    [(_, kind, detail)] = asked()
    assert (kind, detail["flags"]) == ("NoteTicket", [f"not sent to the customer: {reason}"])


def test_an_answer_to_a_closed_ticket_is_a_note_that_names_the_next_one(team, asked, tickets, receive):
    ticket = tickets.get(1)
    closed = tickets.messages(1)[0]
    tickets.act(replace(ticket, status="closed", version=2), replace(closed, id="change-1", kind="change"))
    receive(None, "ses-5", raw=letter("Subject: More"), to=(f"support+{ticket.token}@acme.test",))
    filed = team()
    assert (filed.outcome, filed.reason) == ("note", "the ticket is closed, and ticket 2 goes on with it")
    assert [kind for _, kind, _ in asked()] == ["NoteTicket"]


@pytest.mark.parametrize("dmarc", ["PASS", "FAIL"])
def test_a_stranger_with_the_teams_address_gets_a_ticket_of_their_own(team, asked, tickets, dmarc):
    assert team(sender="eve@x.test", dmarc=dmarc).ticket == 2
    assert tickets.messages(2)[0].flags[-1] == "answers ticket 1, but its sender is not of its team"
    assert asked() == []


def test_a_customer_who_got_the_teams_address_is_no_member(team, asked, tickets):
    assert team(sender="mia@example.org").outcome == "ticket"
    assert asked() == []


def test_a_member_of_another_mailboxs_team_is_a_stranger_too(team, asked, receive):
    receive.module.mailroom.mailboxes["billing@acme.test"] = replace(
        receive.module.mailroom.mailboxes["billing@acme.test"], team=("bea@acme.test",)
    )
    assert team(sender="bea@acme.test").outcome == "ticket"
    assert asked() == []


def test_an_auto_reply_to_a_notification_is_set_aside(team, asked, heard):
    assert team("Auto-Submitted: auto-replied").outcome == "auto-reply"
    assert (asked(), heard(), len(newest(10))) == ([], [], 1)


def test_the_team_is_told_of_what_the_customer_writes_and_not_of_what_no_person_sent(team, receive, tickets, heard):
    to = (f"support+{tickets.get(1).token}@acme.test",)
    receive(None, "ses-3", raw=letter("Subject: Re: Question", text="And the colour?"), to=to)
    [_, (_, told)] = heard()
    assert (told["data"]["kind"], told["data"]["paragraphs"]) == ("replied", ["And the colour?"])
    receive(None, "ses-4", raw=letter("Subject: Away", "Auto-Submitted: auto-replied"), to=to)
    assert [kind for kind, _ in heard()] == ["TicketReplied"]


def test_a_member_is_not_told_of_their_own_mail(receive, heard):
    receive(None, "ses-1", raw=letter("Subject: Broken", sender=ANN), source=ANN)
    assert told(heard) == [("TicketOpened", 1), ("acknowledgement", 1)]


def test_a_customers_and_a_members_programs_that_answer_each_other_stop_after_twenty_rounds(
    team, receive, tickets, heard
):
    """Neither says what it is. Each mail of the customer's is told to the team, and so answered."""
    to = (f"support+{tickets.get(1).token}@acme.test",)
    rounds, answered = 1, True
    while answered:
        rounds += 1
        at = f"2026-11-21T10:{rounds:02}:00.000Z"
        receive(None, f"ses-{rounds}", raw=letter(text=f"Thank you {rounds}"), to=to, at=at)
        answered = ("ticket-notification", 1) in told(heard)
    assert rounds == 21  # the first mail and nineteen more were told


def test_a_bounce_of_a_tickets_mail_is_noted_there(team, tickets, receive, asked, heard):
    tickets.sent("01000192f3a1-support-9", 1)
    receive("postfix-dsn", "ses-3", source="")
    filed = tickets.delivery("ses-3")
    assert (filed.outcome, filed.ticket, filed.announced) == ("bounce", 1, True)
    [(command, kind, detail)] = asked()
    assert (command, kind, detail["ticket"], detail["by"]) == ("ses-3", "NoteTicket", 1, "MAILER-DAEMON@mx.example.org")
    assert detail["text"].startswith(
        "The mail to gone@example.org came back: 5.1.1 smtp; 550 5.1.1 <gone@example.org>:"
    )
    assert (heard(), len(newest(10)), [mail.ticket for mail in aside(10)]) == ([], 1, [1])


def test_a_complaint_about_a_tickets_mail_is_noted_there(team, tickets, receive, asked):
    tickets.sent("01000192f3a1-news-1", 1)
    receive("arf-complaint", "ses-3", source="fbl@example.net")
    assert (tickets.delivery("ses-3").outcome, tickets.delivery("ses-3").ticket) == ("complaint", 1)
    [(_, _, detail)] = asked()
    assert detail["text"] == "A mail of this ticket was called spam by who got it (Feedback-Type: abuse)"


def test_a_delay_of_a_tickets_mail_is_only_listed(team, tickets, receive, asked):
    tickets.sent("01000192f3a1-support-9", 1)
    receive("postfix-delay", "ses-3", source="")
    assert (tickets.delivery("ses-3").outcome, tickets.delivery("ses-3").ticket, asked()) == ("delay", None, [])


FORWARD = stored("gmail-forward").replace(b"jonas@example.net", ANN.encode())


def test_a_mail_that_a_member_forwards_is_a_ticket_of_its_first_author_and_nobody_is_thanked(receive, tickets, heard):
    receive(None, "ses-1", raw=FORWARD, source=ANN)
    ticket, [message] = tickets.get(1), tickets.messages(1)
    assert (ticket.requester, ticket.requester_name, ticket.subject) == (
        "petra@example.org",
        "Petra Lang",
        "Broken lamp",
    )
    assert ticket.participants == {"petra@example.org"}
    assert (message.sender, message.flags) == ("petra@example.org", ("forwarded by ann@acme.test",))
    assert message.reply.startswith("The second lamp arrived with a broken switch.")
    assert message.text.startswith("This went to me by mistake, can you take it?")
    [(kind, event), (_, notification)] = heard()
    assert (kind, event["message"]["from"]) == ("TicketOpened", "petra@example.org")
    assert (notification["template"], notification["to"]) == ("ticket-notification", ANN)


@pytest.mark.parametrize(
    ("raw", "verdicts"),
    [
        (stored("gmail-forward"), {}),
        (FORWARD, {"dmarc": "GRAY"}),
        (FORWARD, {"dmarc": "FAIL"}),
        (FORWARD.replace(b"petra@example.org", b"support@acme.test"), {}),
        (FORWARD.replace(b" <petra@example.org>", b""), {}),
    ],
)
def test_any_other_forwarded_mail_is_a_ticket_of_who_forwards_it(receive, tickets, raw, verdicts):
    receive(None, "ses-1", raw=raw, source=ANN, **verdicts)
    assert tickets.get(1).requester in {ANN, "jonas@example.net"}


def test_the_first_authors_own_mail_joins_the_ticket_of_the_forwarded_one(receive, tickets):
    receive(
        None, "ses-1", raw=FORWARD.replace(b"\r\nSubject:", b"\r\nReferences: <petra-1@example.org>\r\nSubject:", 1)
    )
    answer = letter("In-Reply-To: <petra-1@example.org>", sender="petra@example.org")
    receive(None, "ses-2", raw=answer, source="petra@example.org")
    assert [message.sender for message in tickets.messages(1)] == ["petra@example.org", "petra@example.org"]


def test_what_sqs_does_not_take_is_taken_out_of_an_answer(team, asked):
    odd = letter(
        "Subject: Re", "Content-Type: text/plain; charset=utf-8", sender=ANN, text="Yes\x01 \ufffe\uffff it is"
    )
    team(raw=odd)
    assert [detail["text"] for *_, detail in asked()] == ["Yes ?? it is"]
