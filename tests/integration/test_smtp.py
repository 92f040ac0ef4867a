"""The custom resource that makes the SMTP user's access key, on moto's IAM and Secrets Manager."""

import importlib
import json
import logging
import sys

import boto3
import pytest
from moto import mock_aws

from lambdas.shared.smtp_password import smtp_password


@pytest.fixture
def iam(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("iam")
        client.create_user(UserName="smtp-user")
        yield client


@pytest.fixture
def secret(iam):
    """As CloudFormation makes it: there, with nothing in it."""
    return boto3.client("secretsmanager").create_secret(Name="smtp")["ARN"]


@pytest.fixture
def handler(iam):
    sys.modules.pop("lambdas.smtp.handler", None)
    yield importlib.import_module("lambdas.smtp.handler")
    sys.modules.pop("lambdas.smtp.handler")


@pytest.fixture
def perform(handler, cloudformation, secret):
    """Sends a request as CloudFormation does; gives what it is answered."""
    server = cloudformation()

    def request(kind, **properties):
        named = {"ServiceToken": "arn", "UserName": "smtp-user", "SecretArn": secret, **properties}
        event = {
            "RequestType": kind,
            "ResponseURL": f"http://127.0.0.1:{server.server_port}/answer?signature=s",
            "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/Mailroom/1",
            "RequestId": "request-1",
            "LogicalResourceId": "SmtpKey",
            "ResourceProperties": {name: value for name, value in named.items() if value},
        }
        handler.handler(event, None)
        ((_path, _type, body),) = server.answers
        server.answers.clear()
        return body

    return request


def kept(secret):
    return json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])


def keys(iam):
    return [key["AccessKeyId"] for key in iam.list_access_keys(UserName="smtp-user")["AccessKeyMetadata"]]


def test_the_secret_gets_what_an_application_needs_and_cloudformation_hears_nothing_of_it(
    perform, iam, secret, handler, monkeypatch, caplog
):
    caplog.set_level(logging.INFO)
    made = []

    def create(**arguments):
        made.append(boto3.client("iam").create_access_key(**arguments))
        return made[-1]

    monkeypatch.setattr(handler.keys.iam, "create_access_key", create)
    answer = perform("Create")
    assert answer == {
        "Status": "SUCCESS",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/Mailroom/1",
        "RequestId": "request-1",
        "LogicalResourceId": "SmtpKey",
        "PhysicalResourceId": "smtp-user",
    }
    (key,) = [one["AccessKey"] for one in made]
    assert kept(secret) == {
        "username": key["AccessKeyId"],
        "password": smtp_password(key["SecretAccessKey"], "eu-west-1"),
        "host": "email-smtp.eu-west-1.amazonaws.com",
        "port": 587,
        "tls_port": 465,
    }
    assert keys(iam) == [key["AccessKeyId"]]
    assert key["SecretAccessKey"] not in caplog.text
    assert kept(secret)["password"] not in caplog.text


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_repeat_leaves_key_and_password_alone(perform, iam, secret, kind):
    perform("Create")
    before = (keys(iam), kept(secret))
    assert perform(kind)["Status"] == "SUCCESS"
    assert (keys(iam), kept(secret)) == before


def test_a_key_that_never_reached_the_secret_is_deleted_by_the_next_try(perform, iam, secret):
    lost = [iam.create_access_key(UserName="smtp-user")["AccessKey"]["AccessKeyId"] for _ in range(2)]
    assert perform("Create")["Status"] == "SUCCESS"
    assert keys(iam) == [kept(secret)["username"]]
    assert kept(secret)["username"] not in lost


@pytest.mark.parametrize("value", ["", "{}", "not JSON", '"text"', "[]"])
def test_a_secret_without_credentials_is_filled(perform, iam, secret, value):
    boto3.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=value or " ")
    perform("Create")
    assert keys(iam) == [kept(secret)["username"]]


def test_another_secret_gets_a_key_of_its_own_while_the_first_works_on(perform, iam, secret):
    perform("Create")
    other = boto3.client("secretsmanager").create_secret(Name="other")["ARN"]
    assert perform("Update", SecretArn=other)["Status"] == "SUCCESS"
    assert sorted(keys(iam)) == sorted([kept(secret)["username"], kept(other)["username"]])


def test_deletion_takes_every_key_so_that_the_user_can_go(perform, iam):
    perform("Create")
    iam.create_access_key(UserName="smtp-user")
    assert perform("Delete")["Status"] == "SUCCESS"
    iam.delete_user(UserName="smtp-user")


def test_deletion_without_keys_or_without_the_user_succeeds(perform, iam):
    assert perform("Delete")["Status"] == "SUCCESS"
    iam.delete_user(UserName="smtp-user")
    assert perform("Delete")["Status"] == "SUCCESS"


def test_a_third_key_is_iams_to_refuse_and_the_refusal_is_answered(perform, handler, iam, monkeypatch):
    def full(**_):
        error = {"Error": {"Code": "LimitExceeded", "Message": "Cannot exceed quota for AccessKeysPerUser: 2"}}
        raise iam.exceptions.LimitExceededException(error, "CreateAccessKey")

    monkeypatch.setattr(handler.keys.iam, "create_access_key", full)
    answer = perform("Update")
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", "smtp-user")
    assert "AccessKeysPerUser" in answer["Reason"]


def test_a_secret_that_cannot_be_written_is_answered_and_the_next_try_succeeds(perform, handler, iam, secret):
    perform("Create", SecretArn="arn:aws:secretsmanager:eu-west-1:123456789012:secret:none-123456")
    assert len(keys(iam)) == 1
    assert perform("Create")["Status"] == "SUCCESS"
    assert keys(iam) == [kept(secret)["username"]]


@pytest.mark.parametrize("missing", [{"UserName": None}, {"SecretArn": None}])
def test_a_request_without_its_property_is_answered(perform, missing):
    assert perform("Create", **missing)["Status"] == "FAILED"
