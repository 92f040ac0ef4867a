from dataclasses import replace

from lambdas.inbound.announce import acknowledgement, notification
from lambdas.shared.mail.parse import parse
from lambdas.shared.tickets.events import message_event, status_event
from lambdas.shared.tickets.ticket import Attachment, Mailbox
from tests.ticket_values import MESSAGE, TICKET
from tests.unit.lambdas.inbound.values import received

MAIL = parse(b"From: Mia <mia@example.org>\r\nMessage-ID: <c@x>\r\n\r\nWhere is it?")
MAILBOX = Mailbox(name="Ä Support", address="support@acme.test", team=("ann@acme.test",), acknowledgement="thanks")
FILE = Attachment(filename="a.pdf", content_type="application/pdf", size=1, key="attachments/ses-1/0")


def test_the_acknowledgement_goes_to_the_envelopes_sender_with_a_way_back():
    request = acknowledgement(TICKET, received(source="bounce-7@example.org"), MAIL, MAILBOX)
    assert request["to"] == "bounce-7@example.org"
    assert request["template"] == "thanks"
    assert request["reply_to"] == "support+abcdefghijklmnopqrstuvwxyz@acme.test"
    assert request["headers"] == {"Auto-Submitted": "auto-replied", "In-Reply-To": "<c@x>", "References": "<c@x>"}
    assert request["idempotency_key"] == "acknowledgement|ses-1"
    assert request["from"] == "=?utf-8?q?=C3=84_Support?= <support@acme.test>"


def test_the_event_says_who_wrote_what():
    event = message_event(
        TICKET, replace(MESSAGE, reply="Where is it?", attachments=(FILE,)), id="ses-1", status="open"
    )
    assert event["id"] == "ses-1"
    assert event["ticket"] == 1
    assert event["requester"] == {"email": "mia@example.org", "name": "Mia"}
    assert event["message"] == {
        "from": "mia@example.org",
        "kind": "mail",
        "text": "Where is it?",
        "attachments": ["a.pdf"],
        "at": "2026-11-21T10:00:00.000Z",
    }


def test_a_mail_that_opens_a_ticket_again_says_what_it_was():
    event = status_event(TICKET, MESSAGE, before="solved", status="open")
    assert event == {
        "id": "1-ses-1",
        "ticket": 1,
        "mailbox": "support@acme.test",
        "subject": "Parcel",
        "status": "open",
        "before": "solved",
        "by": "mia@example.org",
        "at": "2026-11-21T10:00:00.000Z",
    }


def test_a_notification_tells_a_member_what_came_and_is_answered_to_the_teams_address():
    message = replace(MESSAGE, reply="Hello,\n\nwhere is it?\nMia", attachments=(FILE,))
    request = notification(TICKET, message, MAILBOX, "ann@acme.test", "replied")
    assert request["idempotency_key"] == "notification|ses-1|ann@acme.test"
    assert request["reply_to"] == "support+team@acme.test"
    assert request["headers"] == {"Auto-Submitted": "auto-generated"}
    assert request["data"] == {
        "number": 1,
        "subject": "Parcel",
        "requester": "Mia <mia@example.org>",
        "mailbox": "Ä Support",
        "paragraphs": ["Hello,", "where is it?\nMia"],
        "attachments": ["a.pdf"],
        "kind": "replied",
    }


def test_a_notification_of_a_mail_without_new_text_shows_all_of_it():
    message = replace(MESSAGE, reply="", text="> Quoted", sender_name="")
    data = notification(TICKET, message, MAILBOX, "ann@acme.test", "replied")["data"]
    assert (data["paragraphs"], data["requester"]) == (["> Quoted"], "mia@example.org")
