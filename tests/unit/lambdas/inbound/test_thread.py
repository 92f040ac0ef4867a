from dataclasses import replace
from types import SimpleNamespace

import pytest

from lambdas.inbound.thread import Thread, find, kept, latest, ours, participants, references
from lambdas.shared.mail.parse import parse
from lambdas.shared.tickets.ticket import Mailbox
from tests.ticket_values import TICKET, TOKEN
from tests.unit.lambdas.inbound.values import received


class Tickets:
    """Knows ticket 1 by the references it is given."""

    def __init__(self, *known):
        self._known = known

    def find(self, kind, value):
        return TICKET if (kind, value) in self._known else None

    def root(self, message_id):
        return self.find("root", message_id)


def mail(*fields, sender="mia@example.org"):
    return parse("\r\n".join([f"From: {sender}", *fields, "", "Text"]).encode())


def test_a_reply_token_comes_before_message_ids():
    sent = mail("Message-ID: <c@x>", "In-Reply-To: <b@x>", "References: <a@x> <b@x>")
    found = references(received(recipients=(f"support+{TOKEN.upper()}@acme.test",)), sent)
    assert list(found) == [
        ("token", TOKEN),
        ("team-token", TOKEN),
        ("message-id", "b@x"),
        ("message-id", "a@x"),
        ("root", "c@x"),
    ]


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


SUPPORT = Mailbox(name="Acme Support", address="support@acme.test", team=("ann@acme.test",))
MAILBOXES = {"support@acme.test": SUPPORT}
BY_TOKEN = {"recipients": (f"support+{TOKEN}@acme.test",)}
KNOWN = Tickets(("token", TOKEN), ("message-id", "a@x"), ("ses-id", "id-1"))
UNCHECKED = {"dmarc": "GRAY", "spf": "GRAY", "dkim": "GRAY"}


@pytest.mark.parametrize("verdicts", [{}, {"dmarc": "GRAY"}, UNCHECKED, {"dmarc": "DISABLED"}])
def test_a_participant_with_the_token_is_let_in_unless_dmarc_failed(verdicts):
    assert find(received(**BY_TOKEN, **verdicts), mail(), KNOWN, MAILBOXES) == Thread(ticket=TICKET, by_token=True)


def test_a_forged_participant_with_the_token_is_not_let_in():
    found = find(received(**BY_TOKEN, dmarc="FAIL"), mail(), KNOWN, MAILBOXES)
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
    found = find(received(**verdicts), mail(field), KNOWN, MAILBOXES)
    assert (found.ticket is TICKET, found.by_token, bool(found.doubt)) == (let_in, False, not let_in)


def test_a_stranger_is_not_let_in_by_token_or_message_id():
    stranger = mail("In-Reply-To: <a@x>", sender="eve@example.net")
    found = find(received(**BY_TOKEN), stranger, KNOWN, MAILBOXES)
    assert found == Thread(doubt="answers ticket 1, but its sender takes no part in it")


def test_a_sender_without_an_address_takes_part_in_nothing():
    assert find(received(**BY_TOKEN), mail(sender="Mia"), KNOWN, MAILBOXES).ticket is None


def test_the_subject_alone_says_nothing():
    assert find(received(), mail("Subject: Re: Hi [#1]"), Tickets(), MAILBOXES) == Thread()


def test_a_participant_is_known_in_any_spelling():
    sent = mail("References: <a@x>", sender="Mia <MIA@Example.ORG>")
    assert find(received(), sent, Tickets(("message-id", "a@x")), MAILBOXES).ticket is TICKET


def test_participants_are_all_but_ourselves_in_the_order_of_the_mail():
    sent = mail("To: Support <support@acme.test>, support+abc@acme.test, Zoe@Example.net", "Cc: bo@x, mia@example.org")
    assert participants(sent, {"support@acme.test"}) == ["mia@example.org", "zoe@example.net", "bo@x"]


def test_what_no_mail_can_go_to_takes_no_part():
    assert participants(mail("To: Zoe, undisclosed-recipients:;", f"Cc: {'a' * 400}@x.test"), set()) == [
        "mia@example.org"
    ]


TEAM = Tickets(("team-token", TOKEN), ("message-id", "a@x"), ("root", "r@x"))


@pytest.mark.parametrize("verdicts", [{}, {"dmarc": "FAIL"}])
def test_a_members_mail_to_the_teams_address_is_the_teams_whoever_it_really_is_from(verdicts):
    found = find(received(**BY_TOKEN, **verdicts), mail(sender="Ann@acme.test"), TEAM, MAILBOXES)
    assert found == Thread(ticket=TICKET, by_team=True)


def test_a_strangers_mail_to_the_teams_address_is_doubted():
    found = find(received(**BY_TOKEN), mail(sender="eve@x.test"), TEAM, MAILBOXES)
    assert found == Thread(doubt="answers ticket 1, but its sender is not of its team")


def test_a_participants_mail_to_the_teams_address_joins_only_by_what_it_answers():
    assert find(received(**BY_TOKEN), mail(), TEAM, MAILBOXES).ticket is None
    assert find(received(**BY_TOKEN), mail("References: <a@x>"), TEAM, MAILBOXES) == Thread(ticket=TICKET)


def test_the_mail_that_others_named_joins_them_if_its_sender_takes_part():
    assert find(received(), mail("Message-ID: <r@x>"), TEAM, MAILBOXES) == Thread(ticket=TICKET)
    assert find(received(), mail("Message-ID: <r@x>", sender="eve@x.test"), TEAM, MAILBOXES).ticket is None
    assert find(received(**UNCHECKED), mail("Message-ID: <r@x>"), TEAM, MAILBOXES).ticket is None


def test_of_what_a_mail_names_the_nearest_and_the_root_are_kept():
    chain = " ".join(f"<{number}@x>" for number in range(30))
    assert kept(mail("In-Reply-To: <near@x>", f"References: {chain}")) == [
        "near@x",
        *(f"{number}@x" for number in range(29, 21, -1)),
        "0@x",
    ]
    assert kept(mail("References: <0@x> <1@x>")) == ["1@x", "0@x"]


def test_the_latest_ticket_is_at_the_end_of_the_chain_of_closed_ones():
    chain = {n: replace(TICKET, number=n, status="closed", followed_by=n + 1) for n in (1, 2)}
    chain[3] = replace(TICKET, number=3)
    tickets = SimpleNamespace(get=chain.get)
    assert latest(chain[1], tickets).number == 3
    assert latest(chain[3], tickets).number == 3
    del chain[3]  # it was erased
    assert latest(chain[1], tickets).number == 2


def test_a_chain_that_bites_its_tail_has_an_end():
    bitten = replace(TICKET, status="closed", followed_by=1)
    assert latest(bitten, SimpleNamespace(get=lambda _: bitten)) == bitten


def test_an_id_of_sess_is_one_of_ours():
    assert ours("0100-1@email.amazonses.com") == "0100-1"
    assert ours("0100-1@mail.gmail.com") is None
