import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.mail.parse import parse
from lambdas.shared.tickets.headers import threading


def mail(*fields):
    return parse("\r\n".join(["From: Mia <mia@example.org>", *fields, "", "Where is it?"]).encode())


def threaded(answered):
    return threading(answered.message_id, answered.references)


def test_an_answer_names_what_it_answers_and_what_came_before():
    answered = mail("Message-ID: <c@x>", "References: <a@x> <b@x>")
    assert threaded(answered) == {"In-Reply-To": "<c@x>", "References": "<a@x> <b@x> <c@x>"}


def test_a_long_chain_loses_its_oldest_ids():
    chain = " ".join(f"<{n:0100}@x>" for n in range(20))
    found = threaded(mail("Message-ID: <new@x>", f"References: {chain}"))["References"]
    assert len("References") + len(found) <= 996
    assert found.endswith(f"<{19:0100}@x> <new@x>")


@pytest.mark.parametrize(("length", "named"), [(983, True), (984, False)])
def test_an_id_that_is_too_long_for_sess_header_is_not_named(length, named):
    found = threaded(mail(f"Message-ID: <{'a' * length}>"))
    assert bool(found) is named
    assert all(len(name) + len(value) <= 996 for name, value in found.items())


def test_references_are_filled_up_to_what_ses_takes():
    found = threaded(mail("Message-ID: <new@x>", f"References: <{'a' * 976}> <b>"))
    assert found["References"] == "<b> <new@x>"
    found = threaded(mail("Message-ID: <new@x>", f"References: <{'a' * 976}>"))
    assert len(found["References"]) == 986


def test_a_mail_without_an_id_has_no_thread():
    assert threaded(mail()) == {}


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_id_from_outside_can_add_a_header(message_id, reference):
    raw = b"From: m@x\r\nMessage-ID: <" + message_id + b">\r\nReferences: <" + reference + b">\r\n\r\nText"
    for name, value in threaded(parse(raw)).items():
        assert value.isascii()
        assert value.isprintable()
        assert len(name) + len(value) <= 996
