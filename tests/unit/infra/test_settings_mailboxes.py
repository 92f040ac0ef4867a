import json

import pytest

from infra.settings import InvalidStage, Settings
from infra.settings_mailboxes import StageMailbox, environment
from lambdas.shared.tickets.ticket import Mailbox

DOMAIN = {"region": "eu-west-1", "domain": "acme.test", "sender": "Acme <hello@acme.test>"}
SUPPORT = {"name": "Support", "address": "support@acme.test"}
BILLING = {"name": "Billing", "address": "billing@acme.test"}


def read(*mailboxes):
    return Settings.read("test", DOMAIN | {"mailboxes": list(mailboxes)}).mailboxes


def fault(*mailboxes):
    """The one line that these mailboxes are refused with, after the setting's name."""
    with pytest.raises(InvalidStage) as refused:
        read(*mailboxes)
    (line,) = str(refused.value).splitlines()
    assert line.startswith("cdk.json, stage test: mailboxes: ")
    return line.removeprefix("cdk.json, stage test: mailboxes: ")


def test_a_mailbox_needs_a_name_and_an_address():
    assert read(SUPPORT) == (
        StageMailbox(
            name="Support",
            address="support@acme.test",
            acknowledgement="acknowledgement",
            team=(),
            spam="aside",
            signature="",
        ),
    )


def test_everything_else_can_be_said_of_a_mailbox():
    given = {
        "name": "Support",
        "address": "Support@Help.Acme.test",
        "acknowledgement": False,
        "team": ["Ada@Acme.test", "bob@example.org", "ada@acme.test"],
        "spam": "ticket",
        "signature": "Kind regards  \nAcme Support\n",
    }
    assert read(given) == (
        StageMailbox(
            name="Support",
            address="support@help.acme.test",
            acknowledgement=None,
            team=("ada@acme.test", "bob@example.org"),
            spam="ticket",
            signature="Kind regards\nAcme Support",
        ),
    )


@pytest.mark.parametrize(
    "mailbox", ["support@acme.test", {"name": "Support"}, SUPPORT | {"adress": "x@acme.test"}, None]
)
def test_what_is_no_mailbox_is_shown_one(mailbox):
    assert fault(mailbox) == (
        'must be a list of objects {"name": "Support", "address": "support@acme.com"}, which may have '
        f"acknowledgement, team, spam, signature, destinations; it is {mailbox!r}"
    )


def test_a_mailbox_alone_is_no_list():
    with pytest.raises(InvalidStage, match="mailboxes: must be a list of objects"):
        Settings.read("test", DOMAIN | {"mailboxes": SUPPORT})


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("name", "", "`name` must be a text of one line; it is ''"),
        ("team", "ada@acme.test", "`team` must be a list of addresses, 50 at most; it is 'ada@acme.test'"),
        ("team", ["ada"], "`team` must be an address such as 'support@acme.com'; it is 'ada'"),
        ("team", ["Ada <ada@acme.test>"], "`team` must be an address such as 'support@acme.com'; it is 'Ada <ada"),
        ("acknowledgement", "", "`acknowledgement` must be the name of a template, or false for no acknowledgements"),
        (
            "acknowledgement",
            "../x",
            "`acknowledgement` must be the name of a template, or false for no acknowledgements",
        ),
        ("spam", "reject", "`spam` must be 'aside' (kept apart, to be released) or 'ticket' (a ticket all the same"),
        ("spam", ["aside"], "`spam` must be 'aside' (kept apart"),
        ("signature", None, r"`signature` must be a text, its lines apart by \n; it is None"),
        ("signature", "a\tb", r"`signature` must be a text, its lines apart by \n; it is 'a\tb'"),
        ("signature", "x" * 501, "`signature` must have 500 characters at most; it has 501"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_its_mailbox(key, value, said):
    assert fault(SUPPORT | {key: value}).startswith(f"support@acme.test: its {said}")


def test_an_address_with_a_label_is_refused():
    assert fault(SUPPORT | {"address": "support+a@acme.test"}) == (
        "support+a@acme.test: its `address` must be without a +label: a mailbox receives all its labels"
    )


def test_a_mailbox_is_there_once():
    assert fault(SUPPORT, SUPPORT | {"name": "Help"}) == "support@acme.test is there twice; keep one"


@pytest.mark.parametrize(
    "member", ["billing@acme.test", "Billing@acme.test", "support@acme.test", "billing+a@acme.test"]
)
def test_a_team_is_of_people_and_not_of_mailboxes(member):
    assert fault(SUPPORT | {"team": ["ada@acme.test", member]}, BILLING) == (
        f"support@acme.test: its `team` has {member.lower()}, which is a mailbox here, so that each notification would "
        "become a ticket; give the addresses that people read"
    )


@pytest.mark.parametrize(
    ("name", "wrong"), [("none", "is no folder of templates/ with"), ("receipt", "needs more than")]
)
def test_an_acknowledgement_is_a_template_that_needs_no_more_than_there_is(name, wrong):
    assert fault(SUPPORT | {"acknowledgement": name}) == (
        f"support@acme.test: its `acknowledgement` {name} {wrong} the variables mailbox, number, subject; choose one "
        "of acknowledgement, or false for none"
    )


def test_functions_are_told_of_mailboxes_without_what_goes_without_saying():
    mailboxes = read(SUPPORT, BILLING | {"acknowledgement": False, "team": ["ada@acme.test"]})
    assert json.loads(environment(mailboxes)) == [
        {"name": "Support", "address": "support@acme.test", "team": []},
        {"name": "Billing", "address": "billing@acme.test", "acknowledgement": None, "team": ["ada@acme.test"]},
    ]


def test_functions_read_what_they_are_told():
    full = BILLING | {"acknowledgement": False, "team": ["ada@acme.test"], "spam": "ticket", "signature": 'Ü\n"B"'}
    mailboxes = read(SUPPORT, full)
    assert Mailbox.read(environment(mailboxes)) == {
        "support@acme.test": Mailbox(name="Support", address="support@acme.test"),
        "billing@acme.test": Mailbox(
            name="Billing",
            address="billing@acme.test",
            acknowledgement=None,
            team=("ada@acme.test",),
            spam="ticket",
            signature='Ü\n"B"',
        ),
    }


def many(number, **more):
    return [{"name": "Support", "address": f"support-{n:02}@acme.test", **more} for n in range(number)]


def test_as_many_mailboxes_are_taken_as_lambdas_environment_holds():
    assert len(read(*many(40))) == 40
    assert fault(*many(41)) == "there are 41; keep 40, which is what Lambda's 4 KB of environment have room for"


@pytest.mark.parametrize(
    ("mailboxes", "size"),
    [
        (many(20, name="Support " * 20), 4400),
        (many(6, signature="ü" * 500), 18510),
        (many(40, team=["ada@acme.test"]), 3320),
    ],
)
def test_what_is_said_of_mailboxes_is_told_how_long_it_may_be(mailboxes, size):
    assert fault(*mailboxes) == (
        f"names, addresses, teams and signatures take {size} bytes; shorten them to 3000, which is what Lambda's 4 KB "
        "of environment have room for"
    )
