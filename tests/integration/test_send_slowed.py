import boto3
import pytest

from lambdas.shared.guard.decide import State
from lambdas.shared.guard.policy import Level
from lambdas.shared.guard.table import Guarded
from tests.integration.records import drain
from tests.integration.sends import NOTICE, asked, stored, takes_it, waiting


@pytest.fixture
def slowed(send, monkeypatch):
    Guarded(boto3.resource("dynamodb").Table("counts")).put("marketing", State(level=Level.SLOWED, version=1))
    monkeypatch.setattr(send.turns, "per_second", 0.01)
    return send


def test_marketing_that_is_slowed_down_waits_for_its_turn_and_transactional_mail_does_not(slowed):
    takes_it(slowed)
    slowed.handler(asked(NOTICE | {"stream": "marketing"}, "event-1"), None)
    slowed.handler(asked(NOTICE | {"stream": "marketing"}, "event-2"), None)
    takes_it(slowed, "ses-3")
    slowed.handler(asked(NOTICE, "event-3"), None)
    assert [stored(f"event-{number}") is not None for number in (1, 2, 3)] == [True, False, True]
    assert waiting("queue") == 1


def test_a_list_for_marketing_is_split_at_once_and_each_mail_waits(slowed):
    slowed.handler(asked(NOTICE | {"stream": "marketing", "to": ["a@example.org", "b@example.org"]}), None)
    assert [body["detail"]["to"] for body in drain("queue")] == ["a@example.org", "b@example.org"]
