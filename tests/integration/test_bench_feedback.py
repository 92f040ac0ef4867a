"""The bench of feedback: it finds nothing wrong in few events, would find it, and its DynamoDB answers like moto's."""

import json
from random import Random

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from click.testing import CliRunner
from moto import mock_aws

from bench import feedback
from bench.dynamodb import DynamoDb
from bench.feedback_mails import mails
from bench.feedback_world import ENVIRONMENT, World, tables
from tests.integration.records import table

KEYS = {"messages": ["id"], "recipients": ["address"], "counts": ["pk", "sk"]}


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch):
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def asked(monkeypatch):
    """The requests to DynamoDB, their answers, and whose those are."""
    made = []
    answer = DynamoDb._answer

    def noted(dynamodb, request, **more):
        response = answer(dynamodb, request, **more)
        service, _, operation = request.headers["X-Amz-Target"].decode().partition(".")
        if service == "DynamoDB_20120810":
            made.append((operation, json.loads(request.body), json.loads(response.content), dynamodb))
        return response

    monkeypatch.setattr(DynamoDb, "_answer", noted)
    return made


def test_few_events_are_exact_and_each_request_is_answered_as_moto_does(asked, monkeypatch):
    ran = CliRunner().invoke(feedback.main, ["--events", "120", "--seed", "3"])
    assert ran.exit_code == 0, ran.output
    assert "lost 0, wrong states 0, wrong counts 0" in ran.output
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    asked = [request for request in asked if request[1].get("TableName") != "plain"]
    assert {operation for operation, *_ in asked} == {"GetItem", "UpdateItem", "Query", "TransactWriteItems"}
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        for name, key in KEYS.items():
            table(name, key, {})
        client = boto3.client("dynamodb")
        for operation, request, answer, _ in asked:
            assert answered(client, operation, request) == told(answer), (operation, request)
        for name, key in KEYS.items():
            found = client.scan(TableName=name)["Items"]
            stored = asked[0][-1].tables[name].items
            assert {tuple(item[part]["S"] for part in key): item for item in found} == stored


def answered(client, operation, request):
    try:
        return told(getattr(client, xform_name(operation))(**request))
    except ClientError as error:
        return told({"__type": "#" + error.response["Error"]["Code"], **error.response})


def told(answer):
    reasons = [reason["Code"] for reason in answer.get("CancellationReasons", [])]
    # Of the attributes that an update of a new item has set, moto gives more; asked for is this one.
    attempts = answer.get("Attributes", {}).get("attempts")
    return answer.get("__type", "").partition("#")[2], reasons, answer.get("Item"), answer.get("Items"), attempts


def test_what_is_lost_or_wrong_is_found():
    random = Random(5)
    sent = mails(random, 100)
    world = World(tables())
    for mail in sent:
        world.send(mail)
    feedback.run(world, feedback.shuffled(random, sent, 120))
    stored = world.dynamodb.tables
    delivered = next(item for item in stored["messages"].items.values() if any("event#Delivery" in n for n in item))
    delivered.pop(next(name for name in delivered if "event#Delivery" in name))
    stored["recipients"].items.popitem()
    next(item for (pk, _), item in stored["counts"].items.items() if pk.startswith("DAY"))["sent"] = {"N": "77"}
    verdict = feedback.judged(world, sent)
    assert (verdict.lost, verdict.states, verdict.counts) == (1, 2, 1)
