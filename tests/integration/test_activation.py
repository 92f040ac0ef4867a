"""The custom resource against SES's rule sets, and against a server that stands for CloudFormation's presigned URL."""

import importlib
import sys

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws


@pytest.fixture
def ses(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("ses")
        for name in ("ours", "ours-before", "theirs"):
            client.create_receipt_rule_set(RuleSetName=name)
        yield client


@pytest.fixture
def perform(ses, cloudformation):
    """Sends a request as CloudFormation does; gives what it is answered."""
    server = cloudformation()
    sys.modules.pop("lambdas.activation.handler", None)
    handler = importlib.import_module("lambdas.activation.handler").handler

    def request(kind, **more):
        handler(event(server, kind, **more), None)
        ((path, content_type, body),) = server.answers
        server.answers.clear()
        assert path == "/answer?signature=s%2F1"
        assert content_type == ""
        return body

    yield request
    sys.modules.pop("lambdas.activation.handler", None)


def event(server, kind, **more):
    return {
        "RequestType": kind,
        "ResponseURL": f"http://127.0.0.1:{server.server_port}/answer?signature=s%2F1",
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/Mailroom/1",
        "RequestId": "request-1",
        "LogicalResourceId": "ActiveRules",
        "ResourceType": "Custom::ActiveReceiptRuleSet",
        "ResourceProperties": {"ServiceToken": "arn", "RuleSetName": "ours"},
        **more,
    }


def active(ses):
    return ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")


def test_our_set_becomes_active_where_none_is(perform, ses):
    assert perform("Create") == {
        "Status": "SUCCESS",
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/Mailroom/1",
        "RequestId": "request-1",
        "LogicalResourceId": "ActiveRules",
        "PhysicalResourceId": "active-receipt-rule-set",
    }
    assert active(ses) == "ours"


def test_our_set_stays_active_when_it_is_already(perform, ses):
    ses.set_active_receipt_rule_set(RuleSetName="ours")
    assert perform("Update")["Status"] == "SUCCESS"
    assert active(ses) == "ours"


def test_a_replaced_set_of_ours_gives_way_to_the_new_one(perform, ses):
    ses.set_active_receipt_rule_set(RuleSetName="ours-before")
    assert perform("Update", OldResourceProperties={"RuleSetName": "ours-before"})["Status"] == "SUCCESS"
    assert active(ses) == "ours"


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_foreign_set_is_not_displaced_and_is_named_with_the_way_out(perform, ses, kind):
    ses.set_active_receipt_rule_set(RuleSetName="theirs")
    answer = perform(kind)
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("The receipt rule set 'theirs' is active and is not Mailroom's")
    assert "aws ses set-active-receipt-rule-set" in answer["Reason"]
    assert "aws ses describe-receipt-rule-set --rule-set-name theirs" in answer["Reason"]
    assert active(ses) == "theirs"


def test_deletion_deactivates_our_set(perform, ses, monkeypatch):
    calls = []
    handler = sys.modules["lambdas.activation.handler"]
    ses.set_active_receipt_rule_set(RuleSetName="ours")
    monkeypatch.setattr(handler.ses, "set_active_receipt_rule_set", lambda **arguments: calls.append(arguments))
    assert perform("Delete")["Status"] == "SUCCESS"
    assert calls == [{}]  # without a name, which is SES's way to have none (moto cannot do it)


@pytest.mark.parametrize("other", ["theirs", "ours-before"])
def test_deletion_leaves_any_other_set_active(perform, ses, other):
    ses.set_active_receipt_rule_set(RuleSetName=other)
    assert perform("Delete")["Status"] == "SUCCESS"
    assert active(ses) == other


def test_deletion_where_nothing_is_active_succeeds(perform, ses):
    assert perform("Delete")["Status"] == "SUCCESS"


def test_a_refusal_by_ses_is_answered(perform, monkeypatch):
    def refuse(**arguments):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SetActiveReceiptRuleSet")

    monkeypatch.setattr(sys.modules["lambdas.activation.handler"].ses, "set_active_receipt_rule_set", refuse)
    answer = perform("Create")
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", "active-receipt-rule-set")
    assert "AccessDenied" in answer["Reason"]


def test_a_request_of_an_unknown_kind_is_answered(perform):
    answer = perform("Import")
    assert (answer["Status"], answer["Reason"]) == ("FAILED", "KeyError('Import')")


def test_a_request_without_its_property_is_answered(perform):
    assert perform("Create", ResourceProperties={})["Status"] == "FAILED"


def test_an_answer_that_is_not_taken_fails_the_function_so_that_lambda_tries_again(ses, cloudformation):
    server = cloudformation(403)
    handler = importlib.import_module("lambdas.activation.handler")
    with pytest.raises(ConnectionError, match="CloudFormation answered 403"):
        handler.handler(event(server, "Create"), None)
    sys.modules.pop("lambdas.activation.handler")
