import json
from pathlib import Path

import pytest

from infra.settings import Brand, HostedZone, InvalidStage, NoStage, Settings
from infra.settings_mailboxes import StageMailbox

DOMAIN = {"region": "eu-west-1", "domain": "acme.test", "sender": "Acme <hello@acme.test>"}
ADDRESS = {"region": "eu-west-1", "address": "me@acme.test", "sender": "Me <me@acme.test>"}
SUPPORT = {"name": "Support", "address": "support@acme.test"}


def faults(**changes):
    """The lines that DOMAIN with these changes is refused with; None removes a key."""
    given = {key: value for key, value in (DOMAIN | changes).items() if value is not None}
    with pytest.raises(InvalidStage) as refused:
        Settings.read("test", given)
    return str(refused.value).splitlines()


def test_a_domain_needs_only_a_region_and_a_sender():
    assert Settings.read("test", DOMAIN) == Settings(
        stage="test",
        region="eu-west-1",
        domain="acme.test",
        sender="Acme <hello@acme.test>",
        product="Acme",
        mail_from="bounce",
        dmarc="none",
        mailboxes=(),
        tls_required_in=False,
        raw_mail_days=365,
        close_after_days=14,
        ticket_days=730,
    )


def test_every_setting_is_read():
    given = {
        "region": "eu-west-1",
        "account": "111122223333",
        "domain": "Acme.test",
        "hosted_zone": {"id": "Z0123456789ABC", "name": "acme.test"},
        "sender": "Acme <hello@acme.test>",
        "product": "Acme Cloud",
        "brand": {"logo": "https://acme.test/logo.png", "color": "#0B6E4F", "footer": "Acme GmbH, Berlin"},
        "mail_from": "returns",
        "dmarc": "quarantine",
        "mailboxes": [{"name": "Support", "address": "Support@Help.Acme.test"}],
        "tls_required_in": True,
        "raw_mail_days": 30,
        "close_after_days": 7,
        "ticket_days": 90,
        "alarm_email": "ops@acme.test",
        "smtp": True,
    }
    assert Settings.read("production", given) == Settings(
        stage="production",
        region="eu-west-1",
        account="111122223333",
        domain="acme.test",
        hosted_zone=HostedZone(id="Z0123456789ABC", name="acme.test"),
        sender="Acme <hello@acme.test>",
        product="Acme Cloud",
        brand=Brand(logo="https://acme.test/logo.png", color="#0B6E4F", footer="Acme GmbH, Berlin"),
        mail_from="returns",
        dmarc="quarantine",
        mailboxes=(StageMailbox(name="Support", address="support@help.acme.test"),),
        tls_required_in=True,
        raw_mail_days=30,
        close_after_days=7,
        ticket_days=90,
        alarm_email="ops@acme.test",
        smtp=True,
    )


def test_one_address_is_enough_for_a_trial():
    settings = Settings.read("trial", ADDRESS)
    assert (settings.identity, settings.domain, settings.sender_address) == ("me@acme.test", None, "me@acme.test")


def test_a_sender_without_a_name_gives_its_domain_as_the_product():
    assert Settings.read("test", DOMAIN | {"sender": "hello@acme.test"}).product == "acme.test"


def test_mails_are_branded_with_what_the_stage_says_and_the_rest_has_defaults():
    brand = {"color": "#767676"}  # the lightest grey that white text may stand on
    assert Settings.read("test", DOMAIN | {"brand": brand}).branding == {
        "product": "Acme",
        "logo_url": None,
        "color": "#767676",
        "footer": "",
    }


def test_each_receiving_domain_is_named_once():
    mailboxes = [{"name": name, "address": f"{name}@{domain}"} for name, domain in PLACES]
    assert Settings.read("test", DOMAIN | {"mailboxes": mailboxes}).receiving_domains == ("help.acme.test", "acme.test")


PLACES = [("a", "help.acme.test"), ("b", "acme.test"), ("c", "help.acme.test")]


@pytest.mark.parametrize("stage", ["local", "trial", "example"])
def test_the_stages_of_cdk_json_are_valid(stage):
    stages = json.loads(Path("cdk.json").read_text())["context"]["stages"]
    assert Settings.choose(stage, stages).stage == stage


def test_a_missing_stage_is_told_which_there_are():
    with pytest.raises(NoStage) as refused:
        Settings.choose(None, {"local": {}, "production": {}})
    assert str(refused.value) == (
        "no stage is chosen: choose one with `-c stage=NAME`. The stages in cdk.json are: local, production."
    )


def test_an_unknown_stage_is_told_which_there_are():
    with pytest.raises(NoStage, match=r"cdk.json has no stage 'prod': .* are: local, production\."):
        Settings.choose("prod", {"local": {}, "production": {}})


def test_without_cdk_json_the_cdk_command_is_named():
    with pytest.raises(NoStage, match="run this through the cdk command"):
        Settings.choose("local", {})


def test_a_stage_that_is_no_object_is_refused():
    with pytest.raises(InvalidStage, match=r"stage test: must be an object of settings; it is 'acme.test'"):
        Settings.read("test", "acme.test")


def test_all_faults_of_a_stage_come_at_once():
    found = faults(region="Ireland", mailbox=[], dmarc="strict", sender=None)
    assert found.pop(1).startswith(
        "cdk.json, stage test: mailbox: no such setting; remove it, or correct it to one of region, account, domain, "
    )
    assert found == [
        "cdk.json, stage test: dmarc: must be one of none, quarantine, reject; it is 'strict'",
        "cdk.json, stage test: region: must be an AWS region such as 'eu-west-1'; it is 'Ireland'",
        'cdk.json, stage test: sender: is missing; add it, for example "sender": "Acme <hello@acme.com>"',
    ]


def test_a_stage_name_that_no_stack_can_have_is_refused():
    with pytest.raises(InvalidStage, match="use letters, digits and hyphens only"):
        Settings.read("my stage", DOMAIN)


@pytest.mark.parametrize(
    "domain",
    ["acme", "https://acme.test", "acme.test/", "-acme.test", "acme..test", "10.0.0.1", "ac me.test", "bücher.de", 7],
)
def test_a_domain_that_is_no_domain_is_refused(domain):
    assert faults(domain=domain) == [
        "cdk.json, stage test: domain: must be a domain such as 'acme.com' (no scheme, no path; international names "
        f"as xn--…); it is {domain!r}"
    ]


@pytest.mark.parametrize(
    "sender",
    ["Acme", "Acme, Inc. <hello@acme.test>", "hello@", "hëllo@acme.test", "a\r\nBcc: x@y.test <hello@acme.test>", 7],
)
def test_a_sender_that_is_no_sender_is_refused(sender):
    (fault,) = faults(sender=sender)
    assert fault.startswith("cdk.json, stage test: sender: must be a sender such as 'Acme <hello@acme.com>'")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("account", 111122223333, "account: must be the AWS account's 12 digits, in quotes; it is 111122223333"),
        ("raw_mail_days", 0, "raw_mail_days: must be a whole number of days, 1 or more; it is 0"),
        ("raw_mail_days", True, "raw_mail_days: must be a whole number of days, 1 or more; it is True"),
        ("close_after_days", 0.5, "close_after_days: must be a whole number of days, 1 or more; it is 0.5"),
        ("ticket_days", 0, "ticket_days: must be a whole number of days, 1 or more; it is 0"),
        ("tls_required_in", "yes", "tls_required_in: must be true or false; it is 'yes'"),
        ("mail_from", "bounce.acme.test", "mail_from: must be one label of a domain"),
        ("product", "", "product: must be a text of one line; it is ''"),
        ("brand", "#000000", 'brand: must be an object {"logo": "https://…", "color": "#1f5fd0", "footer": "…"}'),
        ("brand", {"colour": "#000000"}, 'brand: must be an object {"logo": "https://…", "color": "#1f5fd0"'),
        ("brand", {"color": "blue"}, "brand: its `color` must be a colour such as '#1f5fd0'; it is 'blue'"),
        (
            "brand",
            {"color": "#ffcc00"},
            "brand: its `color` must be darker: white text on #ffcc00 has a contrast of 1.5, below 4.5",
        ),
        ("brand", {"color": "#777777"}, "brand: its `color` must be darker: white text on #777777 has a contrast of"),
        ("brand", {"logo": "http://acme.test/a.png"}, "brand: its `logo` must be the https:// address of a picture"),
        ("brand", {"logo": 'https://acme.test/"x'}, "brand: its `logo` must be the https:// address of a picture"),
        ("brand", {"logo": "https://acme.test/a.svg?v=2"}, "brand: its `logo` must be a PNG, JPEG or GIF, since"),
        ("brand", {"footer": "Acme\nBerlin"}, "brand: its `footer` must be a text of one line; it is"),
        ("alarm_email", "ops", "alarm_email: must be an address such as 'support@acme.com'; it is 'ops'"),
        ("hosted_zone", "Z1", 'hosted_zone: must be an object {"id": "Z0123456789ABC", "name": "acme.com"}'),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(key, value, said):
    (fault,) = faults(**{key: value})
    assert fault.startswith(f"cdk.json, stage test: {said}")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"domain": None}, "domain: both are missing; give one: `domain`"),
        ({"address": "me@acme.test"}, "domain: both are given; keep one: `domain`"),
        ({"sender": "Acme <hello@acme.example>"}, "sender: hello@acme.example is not of acme.test"),
        ({"sender": "Acme <hello@notacme.test>"}, "sender: hello@notacme.test is not of acme.test"),
        (
            {"hosted_zone": {"id": "Z0123456789ABC", "name": "example.com"}},
            "hosted_zone: example.com does not hold acme.test",
        ),
        (
            {"mailboxes": [{"name": "Support", "address": "support@gmail.example"}]},
            "mailboxes: support@gmail.example is not of acme.test",
        ),
        ({"mailboxes": [SUPPORT | {"address": "s@bounce.acme.test"}]}, "mail_from: bounce.acme.test has mailboxes"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(changes, said):
    (fault,) = faults(**changes)
    assert fault.startswith(f"cdk.json, stage test: {said}")


def test_a_mailbox_needs_a_region_where_ses_receives():
    (fault,) = faults(region="eu-central-2", mailboxes=[SUPPORT])
    assert fault.startswith(
        "cdk.json, stage test: region: SES receives no mail in eu-central-2; choose one of us-east-1,"
    )


def test_a_region_without_receiving_may_send():
    assert Settings.read("test", DOMAIN | {"region": "eu-central-2"}).region == "eu-central-2"


@pytest.mark.parametrize(
    "key", ["hosted_zone", "mail_from", "dmarc", "dkim", "domains", "mailboxes", "tls_required_in"]
)
def test_a_trial_with_an_address_takes_nothing_that_needs_a_domain(key):
    values = {
        "hosted_zone": {"id": "Z0123456789ABC", "name": "acme.test"},
        "mail_from": "bounce",
        "dmarc": "none",
        "dkim": "own",
        "domains": {"news.acme.test": {}},
        "mailboxes": [],
        "tls_required_in": False,
    }
    with pytest.raises(InvalidStage) as refused:
        Settings.read("trial", ADDRESS | {key: values[key]})
    assert str(refused.value) == (
        f"cdk.json, stage trial: {key}: needs `domain` in place of `address`; remove it for a trial with one address"
    )


def test_a_trial_sends_only_as_its_address():
    with pytest.raises(
        InvalidStage, match=r"sender: you@acme.test is not me@acme.test, which is all that SES may send"
    ):
        Settings.read("trial", ADDRESS | {"sender": "You <you@acme.test>"})
