import pytest

from infra.settings import InvalidStage, Settings
from lambdas.shared.guard.policy import Pair, Policy
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


def test_without_settings_the_guard_warns_slows_and_pauses_before_aws_reviews():
    assert read().guard == Policy(
        warn=Pair(bounces=2, complaints=0.05),
        slow=Pair(bounces=3, complaints=0.07),
        pause=Pair(bounces=4, complaints=0.08),
        least=Pair(bounces=200, complaints=2000),
        slowed_by=10,
        pause_transactional=False,
    )


def test_of_the_guard_a_part_can_be_said():
    given = {"pause": {"bounces": 4.5}, "least": {"complaints": 500}, "slowed_by": 4, "pause_transactional": True}
    assert read(guard=given).guard == Policy(
        pause=Pair(bounces=4.5, complaints=0.08),
        least=Pair(bounces=200, complaints=500),
        slowed_by=4,
        pause_transactional=True,
    )


LATE = "a percentage above 0, and 5 at most, where AWS reviews an account; it is 6"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"announce": "MailSent"}, "announce: must be a list of MailSent and MailDelivered, or of one of them"),
        ({"announce": ["MailBounced"]}, "announce: must be a list of MailSent and MailDelivered, or of one of them"),
        ({"soft_bounces": {"most": 5}}, 'soft_bounces: must be an object {"most": 5, "days": 14}'),
        ({"soft_bounces": {"most": 0, "days": 14}}, "soft_bounces: its `most` must be a whole number from 1 to 20"),
        ({"soft_bounces": {"most": 5, "days": 0.5}}, "soft_bounces: its `days` must be a whole number from 1 to 90"),
        ({"guard": {"stop": {}}}, "guard: must be an object of warn, slow, pause, least, slowed_by, pause_transac"),
        ({"guard": {"pause": 4}}, 'guard: its `pause` must be an object {"bounces": …, "complaints": …}'),
        ({"guard": {"pause": {"bounces": 6}}}, f"guard: its `pause` `bounces` must be {LATE}"),
        ({"guard": {"warn": {"bounces": 3}}}, "guard: its lines of bounces must rise from warn to slow to pause; they"),
        ({"guard": {"least": {"bounces": 5}}}, "guard: its `least` `bounces` must be a whole number from 20 to 100000"),
        ({"guard": {"slowed_by": 0}}, "guard: its `slowed_by` must be a whole number from 1 to 100; it is 0"),
        ({"guard": {"pause_transactional": "no"}}, "guard: its `pause_transactional` must be true or false"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_write(given, fault):
    with pytest.raises(InvalidStage) as refused:
        read(**given)
    assert str(refused.value).startswith(f"cdk.json, stage trial: {fault}")
