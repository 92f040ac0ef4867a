from datetime import UTC, datetime, timedelta

import boto3
import pytest

from cli import functions
from tests.integration.records import queue


@pytest.fixture(autouse=True)
def no_lambda(monkeypatch):
    """moto runs no functions without Docker: their log groups are as the stacks name them."""
    monkeypatch.setattr(functions, "log_group", lambda deployment, physical: f"/mailroom/{physical}")


def bury(body, **attributes):
    sent = boto3.client("sqs").send_message(
        QueueUrl=queue("dead-letters"),
        MessageBody=body,
        MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    )
    return sent["MessageId"]


def test_status_names_each_dead_letter_with_its_reason(run, account):
    boto3.client("sqs").send_message(QueueUrl=queue("queue"), MessageBody="waits")
    poisoned = bury("poison", Reason="the body is not JSON")
    refused = bury("event", ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="the queue's policy forbids it")
    unknown = bury("whatever")
    status = run("status", "--json")
    assert {name: status[name] for name in ("stage", "account", "region", "endpoint")} == {
        "stage": "example",
        "account": "111122223333",
        "region": "us-east-1",
        "endpoint": None,
    }
    assert status["stacks"] == [
        {"name": "Storage", "status": "CREATE_COMPLETE", "at": "2026-11-21T10:00:00.000Z"},
        {"name": "Inbound", "status": "UPDATE_COMPLETE", "at": "2026-11-21T11:00:00.000Z"},
    ]
    [inbound] = status["queues"]
    letters = {letter["id"]: letter["reason"] for letter in inbound.pop("dead_letters")}
    assert inbound == {"name": "inbound", "waiting": 1, "in_flight": 0, "delayed": 0, "dead": 3}
    assert letters == {
        poisoned: "the body is not JSON",
        refused: "EventBridge could not queue it: NO_PERMISSIONS the queue's policy forbids it",
        unknown: "no reason given",
    }


def test_a_dead_letter_tells_the_request_that_was_refused_and_the_answer(run, account):
    bury("poison", Reason="jira refused", Request="POST /comment", Answer='{"no": 1}')
    [letter] = run("status", "--json")["queues"][0]["dead_letters"]
    assert (letter["reason"], letter["request"], letter["answer"]) == ("jira refused", "POST /comment", '{"no": 1}')


def test_looking_at_dead_letters_leaves_them_where_they_are(run, account):
    bury("poison", Reason="the body is not JSON")
    assert run("status", "--json")["queues"][0]["dead_letters"] == run("status", "--json")["queues"][0]["dead_letters"]
    assert run("status", "--json")["queues"][0]["dead"] == 1


def test_status_reads_well(run, account, monkeypatch):
    monkeypatch.setattr(functions, "counted_errors", lambda cloudwatch, names: {"inbound": 3})
    for _ in range(11):
        bury("poison", Reason="the body is \x1b[31mnot JSON")
    shown = run("status")
    assert shown[:9] == [
        "Stage example on account 111122223333, us-east-1",
        "",
        "stack     state             since (UTC)",
        "Storage   CREATE_COMPLETE   2026-11-21 10:00:00",
        "Inbound   UPDATE_COMPLETE   2026-11-21 11:00:00",
        "",
        "queue     waiting   in flight   delayed   dead",
        "inbound   0         0           0         11",
        "",
    ]
    assert len([row for row in shown if row.endswith("the body is \\x1b[31mnot JSON")]) == 10
    assert shown[-5:] == [
        "1 more in inbound; `mailroom redrive inbound` puts them back",
        "",
        "function   errors in 24 hours",
        "inbound    3",
        "What went wrong is in the log /mailroom/inbound-function",
    ]


def test_errors_of_functions_are_counted_from_their_metric(run, account):
    boto3.client("cloudwatch").put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": "Errors",
                "Dimensions": [{"Name": "FunctionName", "Value": "inbound-function"}],
                "Value": value,
                "Timestamp": datetime.now(UTC) - timedelta(hours=hours),
            }
            for hours, value in ((1, 1.0), (2, 0.0), (23, 1.0), (25, 5.0))
        ],
    )
    assert run("status", "--json")["functions"] == [
        {"name": "inbound", "errors": 2, "log": "/mailroom/inbound-function"}
    ]


def test_redrive_of_a_queue_without_dead_letters_moves_nothing(run, account):
    assert run("redrive", "inbound") == ["0 dead letters put back into inbound."]


def test_redrive_of_an_unknown_queue_names_the_queues(run, account):
    assert run("redrive", "nope", status=1) == "Error: There is no queue nope; the queues are inbound.\n"
