import pytest

from infra.settings import InvalidStage, Settings
from lambdas.shared.recipients import SoftBounces

TRIAL = {"region": "eu-west-1", "address": "you@example.com", "sender": "you@example.com"}


def read(**more):
    return Settings.read("trial", TRIAL | more)


def test_without_settings_no_sent_or_delivered_mail_is_told_and_five_soft_bounces_in_two_weeks_stop_mail():
    assert read().announce == ()
    assert read().soft_bounces == SoftBounces(most=5, days=14)


def test_what_is_told_and_how_many_soft_bounces_stop_mail_can_be_said():
    assert read(announce=["MailDelivered"]).announce == ("MailDelivered",)
    assert read(soft_bounces={"most": 3, "days": 30}).soft_bounces == SoftBounces(most=3, days=30)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"announce": "MailSent"}, "announce: must be a list of MailSent and MailDelivered, or of one of them"),
        ({"announce": ["MailBounced"]}, "announce: must be a list of MailSent and MailDelivered, or of one of them"),
        ({"soft_bounces": {"most": 5}}, 'soft_bounces: must be an object {"most": 5, "days": 14}'),
        ({"soft_bounces": {"most": 0, "days": 14}}, "soft_bounces: its `most` must be a whole number from 1 to 20"),
        ({"soft_bounces": {"most": 5, "days": 0.5}}, "soft_bounces: its `days` must be a whole number from 1 to 90"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_write(given, fault):
    with pytest.raises(InvalidStage) as refused:
        read(**given)
    assert str(refused.value).startswith(f"cdk.json, stage trial: {fault}")
