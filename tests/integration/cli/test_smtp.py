"""The SMTP commands on moto's IAM, STS and Secrets Manager."""

import json
from contextlib import suppress

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from cli import deployment as module
from cli import smtp
from cli.deployment import Deployment, Stack
from cli.smtp_keys import Keys
from lambdas.shared.smtp_password import smtp_credentials
from local.server import Running

REGION = "eu-west-1"


class Interrupted(BaseException):
    """As Ctrl-C, or the power."""


class World:
    """The user and the secret as a deployment leaves them, with one key."""

    def __init__(self):
        self.iam = boto3.client("iam")
        self.secrets = boto3.client("secretsmanager", region_name=REGION)
        if "smtp" in {user["UserName"] for user in self.iam.list_users()["Users"]}:
            for key in self.key_ids():
                self.iam.delete_access_key(UserName="smtp", AccessKeyId=key)
            self.iam.delete_user(UserName="smtp")
        self.iam.create_user(UserName="smtp")
        self.secret = self.secrets.create_secret(Name=f"smtp-{len(self.secrets.list_secrets()['SecretList'])}")["ARN"]
        self.first = self.new_key()
        self.put(self.first)

    def new_key(self):
        return self.iam.create_access_key(UserName="smtp")["AccessKey"]

    def put(self, key):
        value = json.dumps(smtp_credentials(key["AccessKeyId"], key["SecretAccessKey"], REGION))
        self.secrets.put_secret_value(SecretId=self.secret, SecretString=value)

    def key_ids(self):
        return sorted(key["AccessKeyId"] for key in self.iam.list_access_keys(UserName="smtp")["AccessKeyMetadata"])

    def kept(self, stage="AWSCURRENT"):
        found = self.secrets.get_secret_value(SecretId=self.secret, VersionStage=stage)
        return json.loads(found["SecretString"])

    def tags(self):
        return self.iam.list_user_tags(UserName="smtp")["Tags"]

    def operations(self, iam=None, secrets=None, try_out=lambda *_: None):
        return Keys(
            iam=iam or self.iam, secrets=secrets or self.secrets, user="smtp", secret=self.secret, try_out=try_out
        )


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield World()


@pytest.fixture
def account(world, monkeypatch):
    outputs = {"SmtpUser": "smtp", "SmtpSecret": world.secret}
    stack = Stack(name="Outbound", status="CREATE_COMPLETE", at="2026-11-21T10:00:00.000Z", outputs=outputs)

    def make(running=None, stacks=(stack,)):
        session = boto3.Session(region_name=REGION)
        found = Deployment(stage="example", session=session, account="1", stacks=stacks, running=running)
        monkeypatch.setattr(module, "find", lambda stage: found)

    make()
    return make


def test_show_keeps_the_password_to_itself(account, world, run):
    shown = run("smtp", "show", "--json")
    key = shown.pop("key")
    assert shown == {
        "username": world.first["AccessKeyId"],
        "host": "email-smtp.eu-west-1.amazonaws.com",
        "port": 587,
        "tls_port": 465,
        "old_key": None,
    }
    assert (key["id"], key["active"]) == (world.first["AccessKeyId"], True)
    password = world.kept()["password"]
    assert password not in "\n".join(run("smtp", "show", columns=200))
    assert run("smtp", "show", "--password", "--json")["password"] == password
    assert any(line.split() == ["password", password] for line in run("smtp", "show", "--password", columns=200))


def test_on_the_laptop_the_host_is_this_machine(account, world, run, tmp_path, monkeypatch):
    up = Running(
        endpoint="http://127.0.0.1:1",
        smtp_port=1,
        submission_port=2587,
        certificate=tmp_path / "smtp.pem",
        outbox=tmp_path,
        account="000000000000",
        region=REGION,
        access_key_id="key",
        secret_access_key="secret",
        pid=1,
        log=tmp_path / "local.log",
    )
    monkeypatch.setattr(module, "endpoint", lambda running: {})
    account(running=up)
    shown = run("smtp", "show", "--json")
    assert (shown["host"], shown["port"], shown["tls_port"]) == ("127.0.0.1", 2587, None)
    assert shown["certificate"] == str(tmp_path / "smtp.pem")


@pytest.mark.parametrize("arguments", [["show"], ["rotate"], ["rotate", "--finish"]])
def test_a_stage_that_does_not_send_by_smtp_is_told_how_to(account, run, arguments):
    account(stacks=())
    assert run("smtp", *arguments, status=1) == (
        "Error: Stage example does not send by SMTP: set its `smtp` to true in cdk.json and deploy it.\n"
    )


def test_a_rotation_has_two_steps_and_both_keys_work_between_them(account, world, run):
    first = world.first["AccessKeyId"]
    rotated = run("smtp", "rotate", "--json")
    assert (rotated["made"], rotated["old_key"]["id"]) == (True, first)
    second = world.kept()["username"]
    assert world.key_ids() == sorted([first, second])
    assert world.kept("AWSPREVIOUS")["username"] == first
    assert world.tags() == []
    told = "\n".join(run("smtp", "rotate", columns=250))
    assert "The rotation that was begun is not finished: no new key is made." in told
    assert "It works until `mailroom smtp rotate --finish`." in told
    assert world.key_ids() == sorted([first, second])
    assert run("smtp", "rotate", "--finish") == [f"The old key {first} is deleted."]
    assert world.key_ids() == [second]
    assert run("smtp", "rotate", "--finish", "--json") == {"deleted": None}
    assert run("smtp", "rotate", "--finish") == ["There is no old key: nothing to finish."]
    assert run("smtp", "rotate", "--json")["old_key"]["id"] == second


def test_a_key_that_is_not_mailrooms_is_left_alone(account, world, run):
    theirs = world.new_key()["AccessKeyId"]
    said = run("smtp", "rotate", status=1)
    assert "has two keys already" in said
    assert theirs in said
    assert run("smtp", "rotate", "--finish") == ["There is no old key: nothing to finish."]
    assert world.key_ids() == sorted([theirs, world.first["AccessKeyId"]])


def test_a_secret_that_was_only_written_again_has_no_old_key(account, world, run):
    world.put(world.first)
    assert run("smtp", "rotate", "--finish") == ["There is no old key: nothing to finish."]
    assert world.key_ids() == [world.first["AccessKeyId"]]


def test_the_last_key_that_works_is_not_taken_away(account, world, run):
    run("smtp", "rotate")
    world.iam.delete_access_key(UserName="smtp", AccessKeyId=world.kept()["username"])
    assert "`mailroom smtp rotate` first" in run("smtp", "rotate", "--finish", status=1)
    assert world.key_ids() == [world.first["AccessKeyId"]]
    run("smtp", "rotate")
    assert world.kept()["username"] in world.key_ids()


def test_an_empty_secret_gets_a_key(account, world, run):
    world.iam.delete_access_key(UserName="smtp", AccessKeyId=world.first["AccessKeyId"])
    empty = world.secrets.create_secret(Name="empty")["ARN"]
    stack = Stack(name="Outbound", status="", at="", outputs={"SmtpUser": "smtp", "SmtpSecret": empty})
    account(stacks=(stack,))
    assert "holds no credentials yet" in run("smtp", "show", status=1)
    assert run("smtp", "rotate", "--json")["made"] is True
    assert run("smtp", "show", "--json")["username"] in world.key_ids()


def test_the_secret_waits_until_aws_knows_the_key(account, world, run, monkeypatch):
    answers = [ClientError({"Error": {"Code": "InvalidClientTokenId", "Message": ""}}, "GetCallerIdentity"), None]
    held = []

    class Sts:
        def get_caller_identity(self):
            held.append(world.kept()["username"])
            if answer := answers.pop(0):
                raise answer

    monkeypatch.setattr(smtp, "client", lambda session, service, running: Sts())
    monkeypatch.setattr(smtp, "SECONDS_BETWEEN_TRIES", 0)
    run("smtp", "rotate")
    assert held == [world.first["AccessKeyId"]] * 2
    assert world.kept()["username"] != world.first["AccessKeyId"]


def test_a_key_that_aws_does_not_get_to_know_changes_nothing(account, world, run, monkeypatch):
    class Sts:
        def get_caller_identity(self):
            raise ClientError({"Error": {"Code": "InvalidClientTokenId", "Message": ""}}, "GetCallerIdentity")

    with monkeypatch.context() as patched:
        patched.setattr(smtp, "client", lambda session, service, running: Sts())
        patched.setattr(smtp, "SECONDS_TO_KNOW_A_KEY", 0)
        assert "Nothing has changed: try again." in run("smtp", "rotate", status=1)
    assert world.kept()["username"] == world.first["AccessKeyId"]
    run("smtp", "rotate")
    assert len(world.key_ids()) == 2
    assert world.kept()["username"] in world.key_ids()


class Ending:
    """A client whose calls, of those that change something, are counted down to the one at whose end it all ends."""

    def __init__(self, client, calls):
        self._client = client
        self._calls = calls

    def __getattr__(self, name):
        attribute = getattr(self._client, name)
        if not name.startswith(("create_", "put_", "delete_", "update_", "tag_", "untag_")):
            return attribute

        def call(**arguments):
            answer = attribute(**arguments)
            self._calls[0] -= 1
            if self._calls[0] == 0:
                raise Interrupted
            return answer

        return call


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(ends=st.lists(st.tuples(st.sampled_from(["rotate", "finish"]), st.integers(1, 6)), max_size=5))
def test_interrupted_anywhere_any_number_of_times_the_secrets_password_works_and_a_repeat_ends_it(world, ends):
    world = World()
    for step, calls in ends:
        left = [calls]
        operations = world.operations(Ending(world.iam, left), Ending(world.secrets, left))
        before = world.kept()["username"]
        with suppress(Interrupted):
            getattr(operations, step)()
        assert world.kept()["username"] in world.key_ids()
        assert step == "finish" or before in world.key_ids()  # who has the password from before can go on
    operations = world.operations()
    operations.rotate()
    assert len(world.key_ids()) == 2
    assert world.tags() == []
    operations.finish()
    assert world.key_ids() == [world.kept()["username"]]
