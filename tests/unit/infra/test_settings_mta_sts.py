import pytest

from infra.records import wanted
from infra.settings import InvalidStage, Settings
from infra.settings_mta_sts import policy

STAGE = {
    "region": "eu-west-1",
    "domain": "acme.test",
    "sender": "hello@acme.test",
    "mailboxes": [
        {"name": "Help", "address": "support@help.acme.test"},
        {"name": "Shop", "address": "shop@acme.test"},
    ],
}


def records(**changed):
    found = wanted(Settings.read("test", STAGE | changed), {})
    return [(record.id, record.name, record.value) for record in found if record.purpose == "mta_sts"]


def test_without_the_setting_there_is_no_record():
    assert records() == []


def test_each_receiving_domain_tells_that_there_is_a_policy():
    assert records(mta_sts="enforce") == [
        ("MtaSts1", "_mta-sts.help.acme.test", '"v=STSv1; id=7f499c9e2f85824d"'),
        ("MtaSts2", "_mta-sts.acme.test", '"v=STSv1; id=7f499c9e2f85824d"'),
    ]


def test_the_id_is_another_whenever_the_policy_is():
    found = {records(**changed)[0][2] for changed in ({"mta_sts": mode} for mode in ("testing", "enforce", "none"))}
    found.add(records(mta_sts="enforce", region="eu-central-1")[0][2])
    assert len(found) == 4


def test_the_policy_names_the_server_that_takes_mail_in():
    assert policy(Settings.read("test", STAGE | {"mta_sts": "enforce"})) == (
        "version: STSv1\nmode: enforce\nmx: inbound-smtp.eu-west-1.amazonaws.com\nmax_age: 1209600\n"
    )


def test_the_policy_lets_the_mx_go_to_the_standby_region():
    stage = STAGE | {"mta_sts": "testing", "standby": {"region": "eu-central-1"}}
    assert policy(Settings.read("test", stage)).splitlines()[2:4] == [
        "mx: inbound-smtp.eu-west-1.amazonaws.com",
        "mx: inbound-smtp.eu-central-1.amazonaws.com",
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"mta_sts": True}, "mta_sts: must be one of testing, enforce, none; it is True"),
        ({"mta_sts": "testing", "mailboxes": []}, "mta_sts: is about mail that comes in"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(changed, said):
    with pytest.raises(InvalidStage, match=said):
        Settings.read("test", STAGE | changed)
