from dataclasses import replace

import pytest

from lambdas.inbound.team import answer, not_sent, note, report, reported
from lambdas.shared.mail.mail import Bounced
from lambdas.shared.mail.parse import parse
from tests.ticket_values import DELIVERY, TICKET
from tests.unit.lambdas.inbound.values import FILE, PLAIN, received

FILED = replace(DELIVERY, outcome="note", ticket=1, reason="it is late")
BOUNCE = replace(PLAIN, kind="bounce", reasons=("delivery status: failed",))


def test_a_members_mail_is_sent_on():
    assert not_sent(received(), replace(PLAIN, attachments=(FILE,) * 20), TICKET) == ""


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"reply": " \n\x00"}, "no new text was found in it"),
        ({"reply": "\u00e9" * 30_001}, "its text has more than 60,000 bytes"),
        ({"attachments": (FILE,) * 21}, "it has more than 20 attachments"),
        ({"kind": "list"}, "it came by a mailing list"),
    ],
)
def test_a_mail_that_cannot_be_sent_on_says_why(changed, reason):
    assert not_sent(received(), replace(PLAIN, **changed), TICKET) == reason


@pytest.mark.parametrize("dmarc", ["FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED"])
def test_only_a_passed_dmarc_speaks_for_a_member(dmarc):
    assert not_sent(received(dmarc=dmarc), PLAIN, TICKET) == "DMARC did not pass for mia@example.org"


def test_nothing_is_sent_for_a_closed_ticket():
    closed = replace(TICKET, status="closed")
    assert not_sent(received(), PLAIN, closed) == "the ticket is closed"
    followed = replace(closed, followed_by=7)
    assert not_sent(received(), PLAIN, followed) == "the ticket is closed, and ticket 7 goes on with it"


def test_an_answer_is_the_new_text_without_what_a_queue_does_not_take():
    mail = replace(PLAIN, reply="Yes,\n\tit is\x00\x08.\n")
    assert answer(FILED, received(), mail) == {
        "ticket": 1,
        "by": "mia@example.org",
        "raw_key": "raw/ses-1",
        "attachments": [],
        "text": "Yes,\n\tit is.",
    }


def test_a_note_says_that_it_was_not_sent_and_shows_what_there_is():
    kept = note(FILED, received(dmarc="FAIL"), replace(PLAIN, reply="", text="> Quoted"))
    assert kept["text"] == "> Quoted"
    assert kept["flags"] == ["not sent to the customer: it is late", "sender not authenticated (DMARC failed)"]
    assert note(FILED, received(), replace(PLAIN, reply="", text=None))["text"] == "(no text)"


def test_of_very_many_files_a_note_names_the_first_hundred():
    assert len(note(FILED, received(), replace(PLAIN, attachments=(FILE,) * 201))["attachments"]) == 100


def bounced(n, diagnostic="smtp; 550\r\n no such user"):
    return Bounced(recipient=f"{n}@example.org", status="5.1.1", permanent=True, diagnostic=diagnostic)


def test_a_bounce_says_whom_the_mail_did_not_reach_and_why():
    told = report(FILED, received(), replace(BOUNCE, bounces=(bounced(1), bounced(2, ""))))["text"]
    assert told.splitlines() == [
        "The mail to 1@example.org came back: 5.1.1 smtp; 550 no such user",
        "The mail to 2@example.org came back: 5.1.1 no reason given",
    ]


def test_of_a_bounce_for_very_many_the_first_ten_are_told():
    told = report(FILED, received(), replace(BOUNCE, bounces=tuple(bounced(n) for n in range(99))))["text"]
    assert len(told.splitlines()) == 10


def test_a_bounce_that_names_nobody_says_what_it_is_by():
    told = report(FILED, received(source=""), replace(BOUNCE, sender=None))
    assert told["text"] == "A mail of this ticket came back (delivery status: failed)"
    assert told["by"] == "a mail without a sender"


def test_a_report_is_about_the_mail_that_it_gives_back_or_else_about_one_that_it_answers():
    mail = parse(b"From: m@x\r\nReferences: <0100-2@email.amazonses.com> <a@x>\r\n\r\nText")
    assert reported(replace(mail, original_message_id="0100-1@email.amazonses.com")) == ["0100-1", "0100-2"]
    assert reported(replace(mail, original_message_id="b@x")) == ["0100-2"]
