from hypothesis import given
from hypothesis import strategies as st

from lambdas.inbound.announce import acknowledgement, threading, ticket_event
from lambdas.shared.mail.parse import parse
from tests.unit.lambdas.inbound.test_judge import received
from tests.unit.lambdas.inbound.test_thread import TICKET


def mail(*fields):
    return parse("\r\n".join(["From: Mia <mia@example.org>", *fields, "", "Where is it?"]).encode())


def test_an_answer_names_what_it_answers_and_what_came_before():
    answered = mail("Message-ID: <c@x>", "References: <a@x> <b@x>")
    assert threading(answered) == {"In-Reply-To": "<c@x>", "References": "<a@x> <b@x> <c@x>"}


def test_a_long_chain_loses_its_oldest_ids():
    chain = " ".join(f"<{n:0100}@x>" for n in range(20))
    found = threading(mail("Message-ID: <new@x>", f"References: {chain}"))["References"]
    assert len(found) <= 995
    assert found.endswith(f"<{19:0100}@x> <new@x>")


def test_a_mail_without_an_id_has_no_thread():
    assert threading(mail()) == {}


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_id_from_outside_can_add_a_header(message_id, reference):
    raw = b"From: m@x\r\nMessage-ID: <" + message_id + b">\r\nReferences: <" + reference + b">\r\n\r\nText"
    for value in threading(parse(raw)).values():
        assert value.isascii()
        assert value.isprintable()
        assert len(value) <= 995


def test_the_acknowledgement_goes_to_the_envelopes_sender_with_a_way_back():
    request = acknowledgement(TICKET, received(source="bounce-7@example.org"), mail("Message-ID: <c@x>"), "Ä Support")
    assert request["to"] == "bounce-7@example.org"
    assert request["reply_to"] == "support+abcdefghijklmnopqrstuvwxyz@acme.test"
    assert request["headers"]["Auto-Submitted"] == "auto-replied"
    assert request["idempotency_key"] == "acknowledgement|ses-1"
    assert request["from"] == "=?utf-8?q?=C3=84_Support?= <support@acme.test>"


def test_the_event_says_who_wrote_what():
    event = ticket_event(TICKET, received(), mail("Message-ID: <c@x>"))
    assert event["id"] == "ses-1"
    assert event["ticket"] == 1
    assert event["requester"] == {"email": "mia@example.org", "name": "Mia"}
    assert event["message"]["text"] == "Where is it?"
