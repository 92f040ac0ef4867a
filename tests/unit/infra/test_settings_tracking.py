import pytest

from infra.settings import InvalidStage, Settings
from infra.settings_tracking import Tracking

STAGE = {"region": "eu-west-1", "domain": "acme.com", "sender": "hello@acme.com"}


def read(**tracking):
    return Settings.read("test", STAGE | {"tracking": tracking}).tracking


def faults(stage=STAGE, **tracking):
    with pytest.raises(InvalidStage) as refused:
        Settings.read("test", stage | {"tracking": tracking})
    return str(refused.value).replace("cdk.json, stage test: tracking: ", "").splitlines()


def test_marketing_is_tracked_over_names_of_ses_if_nothing_is_said():
    assert Settings.read("test", STAGE).tracking == Tracking(marketing=True, transactional=False)
    assert (read().streams, read().links) == (("marketing",), True)


def test_each_stream_is_switched_by_itself():
    assert read(marketing=False).streams == ()
    assert read(transactional=True).streams == ("transactional", "marketing")


def test_over_a_name_of_the_domain_links_are_tracked_only_if_something_there_has_a_certificate():
    assert read(domain="click.acme.com").links is False
    assert read(domain="Click.acme.com", cdn="d111111abcdef8.cloudfront.net") == Tracking(
        domain="click.acme.com", cdn="d111111abcdef8.cloudfront.net"
    )
    assert read(domain="click.acme.com", cdn="d111111abcdef8.cloudfront.net").links is True


@pytest.mark.parametrize("domain", ["acme.com", "bounce.acme.com", "help.acme.com", "click.example.com"])
def test_the_name_is_one_of_the_domain_that_is_used_for_nothing_else(domain):
    mailboxes = [{"name": "Support", "address": "support@help.acme.com"}]
    assert faults(STAGE | {"mailboxes": mailboxes}, domain=domain) == [
        f"its `domain` must be a name within acme.com that is used for nothing else; it is {domain}"
    ]


@pytest.mark.parametrize(
    ("tracking", "fault"),
    [
        (
            {"newsletter": True},
            "must be an object of marketing, transactional, domain, cdn; it is {'newsletter': True}",
        ),
        ({"marketing": "yes"}, "its `marketing` must be true or false; it is 'yes'"),
        ({"cdn": "d1.cloudfront.net"}, "its `cdn` d1.cloudfront.net stands behind no `domain`; give one, or neither"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_write(tracking, fault):
    assert faults(**tracking) == [fault]


def test_a_trial_with_one_address_has_no_name_for_it():
    trial = {"region": "eu-west-1", "address": "you@acme.com", "sender": "you@acme.com"}
    assert faults(trial, domain="click.acme.com") == [
        "its `domain` needs `domain` in place of `address`; leave it out for a trial with one address"
    ]
