import pytest

from infra.settings import InvalidStage, Settings

STAGE = {"region": "eu-west-1", "domain": "acme.test", "sender": "Acme <hello@acme.test>"}


def read(stage="test", **given):
    return Settings.read(stage, STAGE | given)


def test_of_what_ses_charges_extra_nothing_is_asked_for_if_nothing_is_said():
    settings = read()
    assert (settings.dedicated_ips, settings.vdm, settings.tls_required_out, settings.tenant) == (
        {},
        False,
        False,
        None,
    )


def test_each_is_asked_for_by_a_setting_of_its_own():
    ips = {"marketing": "managed", "transactional": "standard"}
    settings = read(dedicated_ips=ips, vdm=True, tls_required_out=True, tenant="Acme-1")
    assert (settings.dedicated_ips, settings.vdm, settings.tls_required_out, settings.tenant) == (
        ips,
        True,
        True,
        "Acme-1",
    )


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (
            {"dedicated_ips": "managed"},
            'dedicated_ips: must be an object of streams, such as {"marketing": "managed"}, each "standard" or '
            "\"managed\"; it is 'managed'",
        ),
        ({"dedicated_ips": {"bulk": "managed"}}, "dedicated_ips: must be an object of streams"),
        ({"dedicated_ips": {"marketing": "shared"}}, "dedicated_ips: must be an object of streams"),
        ({"vdm": "yes"}, "vdm: must be true or false; it is 'yes'"),
        ({"tls_required_out": 1}, "tls_required_out: must be true or false; it is 1"),
        ({"tenant": "Acme 1"}, "tenant: must be a name of letters, digits, - and _, 64 at most; it is 'Acme 1'"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_write(given, fault):
    with pytest.raises(InvalidStage) as refused:
        read(**given)
    assert str(refused.value).startswith(f"cdk.json, stage test: {fault}")


def test_a_stage_with_pools_has_a_name_that_is_short_enough_for_theirs():
    ips = {"dedicated_ips": {"transactional": "managed"}}
    assert read("x" * 41, **ips).dedicated_ips
    with pytest.raises(InvalidStage) as refused:
        read("x" * 42, **ips)
    assert "a pool is named after its stage, whose name may have 41 characters then; it has 42" in str(refused.value)
