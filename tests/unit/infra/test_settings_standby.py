import pytest

from infra.records import wanted
from infra.settings import InvalidStage, Settings
from infra.settings_standby import Standby, in_standby
from tests.unit.infra.test_settings import ADDRESS, DOMAIN, SUPPORT, faults

STANDBY = {"standby": {"region": "eu-central-1"}}
CENTRAL = Standby(region="eu-central-1")


def test_a_stage_names_a_region_that_can_send_in_its_place():
    settings = Settings.read("test", DOMAIN | STANDBY)
    assert settings.standby == CENTRAL
    assert Settings.read("test", DOMAIN).standby is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("eu-central-1", """must be an object {"region": "eu-central-1"}; it is 'eu-central-1'"""),
        ({"region": "Frankfurt"}, "its `region` must be an AWS region such as 'eu-west-1'; it is 'Frankfurt'"),
        ({"region": "eu-central-1", "tables": True}, "must be an object"),
        ({"region": "eu-west-1"}, "its `region` is the stage's own, eu-west-1; name another"),
    ],
)
def test_a_standby_that_cannot_be_is_refused(given, said):
    [fault] = faults(standby=given)
    assert fault.startswith(f"cdk.json, stage test: standby: {said}")


def test_a_domain_with_keys_of_its_own_cannot_be_copied():
    [fault] = faults(**STANDBY, dkim="own")
    assert fault == (
        "cdk.json, stage test: standby: acme.test signs with keys of its own, which SES copies to no other region; "
        "use 'easy'"
    )


def test_where_mail_is_received_the_standby_must_receive_too():
    [fault] = faults(mailboxes=[SUPPORT], standby={"region": "eu-central-2"})
    assert fault.startswith("cdk.json, stage test: standby: SES receives no mail in eu-central-2; choose one of ")


def test_the_name_that_takes_bounces_there_must_be_free():
    [fault] = faults(**STANDBY, mailboxes=[SUPPORT | {"address": "a@bounce-standby.acme.test"}])
    assert "standby: there, mail_from: bounce-standby.acme.test has mailboxes" in fault


def test_names_must_be_short_enough_to_be_known_by_their_beginnings():
    with pytest.raises(InvalidStage, match="may have 20 characters then; it has 21"):
        Settings.read("a-stage-with-21-chars", DOMAIN | STANDBY)
    with pytest.raises(InvalidStage, match="standby: needs `domain`"):
        Settings.read("test", ADDRESS | STANDBY)


def test_in_the_standby_region_a_stage_is_the_same_but_for_what_belongs_to_one_region():
    given = DOMAIN | STANDBY | {"domains": {"acme-tours.test": {"mail_from": "returns"}}, "smtp": True}
    given |= {"tracking": {"domain": "click.acme.test"}, "dedicated_ips": {"marketing": "managed"}, "tenant": "Acme"}
    there = in_standby(Settings.read("test", given), CENTRAL)
    assert (there.region, there.first_region, there.standby) == ("eu-central-1", "eu-west-1", None)
    assert [domain.mail_from_domain for domain in there.domains] == [
        "bounce-standby.acme.test",
        "returns-standby.acme-tours.test",
    ]
    assert (there.tracking.domain, there.dedicated_ips, there.tenant) == (None, {}, None)
    assert (there.sender, there.smtp) == ("Acme <hello@acme.test>", True)


def test_the_first_region_wants_the_records_of_both_and_the_standby_its_own():
    settings = Settings.read("test", DOMAIN | STANDBY | {"mailboxes": [SUPPORT]})
    spf = '"v=spf1 include:amazonses.com ~all"'
    first = {record.id: (record.name, record.value) for record in wanted(settings, {})}
    assert first["MailFromMx"] == ("bounce.acme.test", "10 feedback-smtp.eu-west-1.amazonses.com")
    assert first["StandbyMailFromMx"] == ("bounce-standby.acme.test", "10 feedback-smtp.eu-central-1.amazonses.com")
    assert first["StandbyMailFromSpf"] == ("bounce-standby.acme.test", spf)
    assert first["InboundMx1"] == ("acme.test", "10 inbound-smtp.eu-west-1.amazonaws.com")
    there = {record.id: (record.name, record.value) for record in wanted(in_standby(settings, CENTRAL), {})}
    assert there == {
        "MailFromMx": ("bounce-standby.acme.test", "10 feedback-smtp.eu-central-1.amazonses.com"),
        "MailFromSpf": ("bounce-standby.acme.test", spf),
    }
