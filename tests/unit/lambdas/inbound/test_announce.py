import pytest
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
    assert len("References") + len(found) <= 996
    assert found.endswith(f"<{19:0100}@x> <new@x>")


@pytest.mark.parametrize(("length", "named"), [(983, True), (984, False)])
def test_an_id_that_is_too_long_for_sess_header_is_not_named(length, named):
    found = threading(mail(f"Message-ID: <{'a' * length}>"))
    assert bool(found) is named
    assert all(len(name) + len(value) <= 996 for name, value in found.items())


def test_references_are_filled_up_to_what_ses_takes():
    found = threading(mail("Message-ID: <new@x>", f"References: <{'a' * 976}> <b>"))
    assert found["References"] == "<b> <new@x>"
    found = threading(mail("Message-ID: <new@x>", f"References: <{'a' * 976}>"))
    assert len(found["References"]) == 986


def test_a_mail_without_an_id_has_no_thread():
    assert threading(mail()) == {}


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_id_from_outside_can_add_a_header(message_id, reference):
    raw = b"From: m@x\r\nMessage-ID: <" + message_id + b">\r\nReferences: <" + reference + b">\r\n\r\nText"
    for name, value in threading(parse(raw)).items():
        assert value.isascii()
        assert value.isprintable()
        assert len(name) + len(value) <= 996


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
