import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from lambdas.shared.guard.decide import State
from lambdas.shared.guard.level import Level
from lambdas.shared.guard.table import Guarded
from tests.integration.records import batch, drain
from tests.integration.sends import NOTICE, asked, stored, takes_it, waiting

NEWS = NOTICE | {"stream": "marketing"}


@pytest.fixture
def marketing_is_slowed(aws):
    Guarded(boto3.resource("dynamodb").Table("counts")).put("marketing", State(level=Level.SLOWED, version=1))


@pytest.fixture
def slowed(send, marketing_is_slowed, monkeypatch):
    monkeypatch.setattr(send.turns, "per_second", 0.01)
    return send


@pytest.fixture
def api(sending, marketing_is_slowed):
    """Posts a message with an idempotency key; gives its state and why."""
    module = sending("api")

    def post(body, key="k1"):
        headers = {"content-type": "application/json", "idempotency-key": key}
        event = {"routeKey": "POST /messages", "headers": headers, "pathParameters": {}, "body": json.dumps(body)}
        [told] = json.loads(module.handler(event, None)["body"])["messages"]
        return told["state"], told["reason"]

    post.ses = module.ses
    return post


def test_marketing_that_is_slowed_down_waits_for_its_turn_and_transactional_mail_does_not(slowed):
    takes_it(slowed)
    slowed.handler(asked(NEWS, "event-1"), None)
    slowed.handler(asked(NEWS, "event-2"), None)
    takes_it(slowed, "ses-3")
    slowed.handler(asked(NOTICE, "event-3"), None)
    assert [stored(f"event-{number}") is not None for number in (1, 2, 3)] == [True, False, True]
    assert waiting("queue") == 1


def test_a_list_for_marketing_is_split_at_once_and_each_mail_waits(slowed):
    slowed.handler(asked(NEWS | {"to": ["a@example.org", "b@example.org"]}), None)
    assert [body["detail"]["to"] for body in drain("queue")] == ["a@example.org", "b@example.org"]


def test_what_waits_for_another_reason_waits_for_its_turn_too(slowed):
    slowed.ses.add_client_error("send_email", "SendingPausedException", "Sending paused.", http_status_code=400)
    slowed.handler(asked(NEWS), None)
    slowed.handler(asked(NEWS), None)
    assert (stored().state, stored().attempts) == ("paused", 1)


def test_a_repeat_of_what_was_sent_needs_no_turn(slowed):
    takes_it(slowed)
    for _ in range(2):
        slowed.handler(asked(NEWS), None)
    assert waiting("queue") == 0


def test_what_is_sent_by_the_api_goes_through_the_queue_and_is_sent_from_there_once(api, slowed):
    for _ in range(2):
        assert api(NEWS) == ("slowed", "marketing is slowed down (mailroom streams show)")
    takes_it(slowed)
    for queued in drain("send"):
        slowed.handler(batch(queued), None)
    assert stored("k1").state == "sent"
    assert api(NEWS) == ("sent", "")


def test_the_api_schedules_what_is_for_later_and_sends_what_is_no_marketing(api):
    takes_it(api)
    assert api(NOTICE)[0] == "sent"
    in_a_month = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    assert api(NEWS | {"send_at": in_a_month}, "k2")[0] == "scheduled"
    assert drain("send") == []
