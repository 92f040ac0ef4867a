from lambdas.inbound.thread import find, participants, references
from lambdas.shared.mail.parse import parse
from lambdas.shared.tickets import Ticket
from tests.unit.lambdas.inbound.test_judge import received

TOKEN = "abcdefghijklmnopqrstuvwxyz"
TICKET = Ticket(
    number=1,
    subject="Hi",
    status="open",
    mailbox="support@acme.test",
    requester="mia@example.org",
    requester_name="Mia",
    participants=frozenset({"mia@example.org"}),
    token=TOKEN,
    created_at="2026-11-21T10:00:00.000Z",
    updated_at="2026-11-21T10:00:00.000Z",
)


class Tickets:
    """Knows ticket 1 by the references it is given."""

    def __init__(self, *known):
        self._known = known

    def find(self, kind, value):
        return TICKET if (kind, value) in self._known else None


def mail(*fields, sender="mia@example.org"):
    return parse("\r\n".join([f"From: {sender}", *fields, "", "Text"]).encode())


def test_a_reply_token_comes_before_message_ids():
    sent = mail("In-Reply-To: <b@x>", "References: <a@x> <b@x>")
    found = references(received(recipients=(f"support+{TOKEN.upper()}@acme.test",)), sent)
    assert list(found) == [("token", TOKEN), ("message-id", "b@x"), ("message-id", "a@x")]


def test_any_other_detail_is_no_token():
    assert list(references(received(recipients=("support+invoices@acme.test",)), mail())) == []


def test_a_participant_with_the_token_is_let_in():
    found = find(received(recipients=(f"support+{TOKEN}@acme.test",)), mail(), Tickets(("token", TOKEN)))
    assert found is TICKET


def test_a_stranger_is_not_let_in_by_token_or_message_id():
    known = Tickets(("token", TOKEN), ("message-id", "a@x"))
    stranger = mail("In-Reply-To: <a@x>", sender="eve@example.net")
    assert find(received(recipients=(f"support+{TOKEN}@acme.test",)), stranger, known) is None


def test_the_subject_alone_says_nothing():
    assert find(received(), mail("Subject: Re: Hi [#1]"), Tickets()) is None


def test_a_participant_is_known_in_any_spelling():
    sent = mail("References: <a@x>", sender="Mia <MIA@Example.ORG>")
    assert find(received(), sent, Tickets(("message-id", "a@x"))) is TICKET


def test_participants_are_all_but_ourselves():
    sent = mail("To: Support <support@acme.test>, support+abc@acme.test, Bo@Example.net", "Cc: kim@example.net")
    found = participants(sent, {"support@acme.test"})
    assert found == {"mia@example.org", "bo@example.net", "kim@example.net"}
