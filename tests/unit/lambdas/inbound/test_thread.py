import pytest

from lambdas.inbound.thread import Thread, find, participants, references
from lambdas.shared.mail.parse import parse
from lambdas.shared.tickets.ticket import Ticket
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
    team_token="team",
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


def test_our_own_ses_ids_come_between_token_and_message_ids():
    sent = mail("References: <old-1@email.amazonses.com> <a@x> <new-2@eu-west-1.amazonses.com>")
    assert list(references(received(), sent)) == [
        ("ses-id", "new-2"),
        ("ses-id", "old-1"),
        ("message-id", "new-2@eu-west-1.amazonses.com"),
        ("message-id", "a@x"),
        ("message-id", "old-1@email.amazonses.com"),
    ]


@pytest.mark.parametrize(
    "domain", ["amazonses.com", "email.amazonses.com.evil.test", "x.email.amazonses.com", "evil.test"]
)
def test_an_id_of_another_domain_is_none_of_sess(domain):
    assert [kind for kind, _ in references(received(), mail(f"In-Reply-To: <id-1@{domain}>"))] == ["message-id"]


def test_any_other_detail_is_no_token():
    assert list(references(received(recipients=("support+invoices@acme.test",)), mail())) == []


BY_TOKEN = {"recipients": (f"support+{TOKEN}@acme.test",)}
KNOWN = Tickets(("token", TOKEN), ("message-id", "a@x"), ("ses-id", "id-1"))
UNCHECKED = {"dmarc": "GRAY", "spf": "GRAY", "dkim": "GRAY"}


@pytest.mark.parametrize("verdicts", [{}, {"dmarc": "GRAY"}, UNCHECKED, {"dmarc": "DISABLED"}])
def test_a_participant_with_the_token_is_let_in_unless_dmarc_failed(verdicts):
    assert find(received(**BY_TOKEN, **verdicts), mail(), KNOWN) == Thread(ticket=TICKET, by_token=True)


def test_a_forged_participant_with_the_token_is_not_let_in():
    found = find(received(**BY_TOKEN, dmarc="FAIL"), mail(), KNOWN)
    assert found == Thread(doubt="answers ticket 1, but its sender is not authenticated")


@pytest.mark.parametrize("field", ["In-Reply-To: <a@x>", "References: <id-1@email.amazonses.com>"])
@pytest.mark.parametrize(
    ("verdicts", "let_in"),
    [
        ({"dmarc": "PASS", "spf": "FAIL", "dkim": "FAIL"}, True),
        ({"dmarc": "GRAY", "spf": "PASS", "dkim": "FAIL"}, True),
        ({"dmarc": "GRAY", "spf": "FAIL", "dkim": "PASS"}, True),
        ({"dmarc": "FAIL", "spf": "PASS", "dkim": "PASS"}, False),
        (UNCHECKED, False),
        ({"dmarc": "DISABLED", "spf": "DISABLED", "dkim": "DISABLED"}, False),
    ],
)
def test_by_an_id_only_an_authenticated_participant_is_let_in(field, verdicts, let_in):
    found = find(received(**verdicts), mail(field), KNOWN)
    assert (found.ticket is TICKET, found.by_token, bool(found.doubt)) == (let_in, False, not let_in)


def test_a_stranger_is_not_let_in_by_token_or_message_id():
    stranger = mail("In-Reply-To: <a@x>", sender="eve@example.net")
    found = find(received(**BY_TOKEN), stranger, KNOWN)
    assert found == Thread(doubt="answers ticket 1, but its sender takes no part in it")


def test_a_sender_without_an_address_takes_part_in_nothing():
    assert find(received(**BY_TOKEN), mail(sender="Mia"), KNOWN).ticket is None


def test_the_subject_alone_says_nothing():
    assert find(received(), mail("Subject: Re: Hi [#1]"), Tickets()) == Thread()


def test_a_participant_is_known_in_any_spelling():
    sent = mail("References: <a@x>", sender="Mia <MIA@Example.ORG>")
    assert find(received(), sent, Tickets(("message-id", "a@x"))).ticket is TICKET


def test_participants_are_all_but_ourselves_in_the_order_of_the_mail():
    sent = mail("To: Support <support@acme.test>, support+abc@acme.test, Zoe@Example.net", "Cc: bo@x, mia@example.org")
    assert participants(sent, {"support@acme.test"}) == ["mia@example.org", "zoe@example.net", "bo@x"]


def test_what_no_mail_can_go_to_takes_no_part():
    assert participants(mail("To: Zoe, undisclosed-recipients:;", f"Cc: {'a' * 400}@x.test"), set()) == [
        "mia@example.org"
    ]
