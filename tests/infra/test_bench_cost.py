import boto3
import pytest
from click.testing import CliRunner

from bench import cost
from bench.cost_stage import Templates
from bench.dynamodb import DynamoDb
from bench.feedback_mails import NOW
from bench.feedback_world import ENVIRONMENT


@pytest.fixture
def folder(synthesised, monkeypatch):
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return synthesised("example")


def test_the_price_of_feedback_is_worked_out_from_the_templates(folder, monkeypatch):
    monkeypatch.setattr(cost, "DAY_MINUTES", cost.MONTH_MINUTES)  # a minute of a day of a million would be many mails
    done = CliRunner().invoke(cost.main, ["--mails", "10", "--templates", str(folder)])
    assert done.exit_code == 0, done.output
    for part in ("SES, Essentials", "feedback: SNS", "counts: DynamoDB", "feedback on top of SES, à la carte"):
        assert part in done.output


def test_what_a_stage_says_is_read_from_its_templates(folder):
    stage = Templates(folder).stage("example")
    assert (stage.feedback.batch, stage.feedback.memory, stage.announce) == (10, 512, "[]")
    assert {"Bounce", "Complaint", "Delivery"} <= stage.published["transactional"]
    assert ("Open" in stage.published["transactional"], "Open" in stage.published["marketing"]) == (False, True)
    [messages, recipients, counts] = Templates(folder).tables(2)
    assert (messages.key, bool(messages.stream), bool(recipients.stream)) == (("id",), True, False)
    assert counts.key == ("pk", "sk")
    assert [index.keys for index in messages.indexes] == [("day", "created_at")]


def test_a_suppression_is_billed_in_the_table_and_in_its_index(folder):
    dynamodb = DynamoDb(Templates(folder).tables(2), lambda: NOW)
    recipients = dynamodb.session().resource("dynamodb").Table("recipients")

    def units(**sets):
        before = dynamodb.meter.units["recipients", "write"]
        recipients.update_item(
            Key={"address": "ann@example.org"},
            UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in sets),
            ExpressionAttributeValues={f":{name}": value for name, value in sets.items()},
        )
        return dynamodb.meter.units["recipients", "write"] - before

    assert units(soft="x") == 1
    assert units(listed="yes", listed_at="2026-11-21") == 2
    assert units(soft="y") == 1
    assert units(on_ses="x") == 2
    assert units(listed_at="2026-11-22") == 3  # out of its place and into another
