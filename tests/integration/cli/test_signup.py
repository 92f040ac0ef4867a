import json

import boto3
import pytest

from tests.integration.records import drain, queue


@pytest.fixture
def heard(account):
    """What an application may hear on the bus: the whole event."""
    events = boto3.client("events")
    events.put_rule(Name="signups", EventBusName="mailroom", EventPattern='{"detail-type": ["UserSignedUp"]}')
    arn = boto3.client("sqs").get_queue_attributes(QueueUrl=queue("signups"), AttributeNames=["QueueArn"])
    events.put_targets(
        Rule="signups", EventBusName="mailroom", Targets=[{"Id": "1", "Arn": arn["Attributes"]["QueueArn"]}]
    )


def test_signup_puts_the_event_on_the_bus_and_prints_its_id(run, heard):
    answer = run("signup", "mia@example.org", "--name", "Mia Müller", "--user-id", "42", "--json")
    [event] = drain("signups")
    assert event["detail-type"] == "UserSignedUp"
    assert event["source"] == "mailroom.command"
    assert event["detail"] == {"email": "mia@example.org", "name": "Mia Müller", "user_id": "42"}
    assert list(answer) == ["event_id"]
    assert len(answer["event_id"]) == 36


def test_signup_leaves_out_what_was_not_given(run, heard):
    [said] = run("signup", "mia@example.org")
    assert said.startswith("UserSignedUp is on the bus: event ")
    assert drain("signups")[0]["detail"] == {"email": "mia@example.org"}


def test_what_would_be_dead_lettered_is_refused_at_once(run, heard):
    assert "This would not be accepted: UserSignedUp: detail.email" in run("signup", "nobody", status=2)
    assert json.dumps(drain("signups")) == "[]"
