"""Webhooks of ticket systems, through the function's own handler."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from lambdas.shared.schemas import Schemas
from tests.integration.records import drain, queue

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
JIRA, ZENDESK = "jira's own secret", "dGhpcyBpcyBub3QgZGVjb2RlZA=="
ISSUE, EVENT, TRIGGER = '{"issue": {"id": "10007"}}', '{"detail": {"id": "35436"}}', '{"ticket_id": "35436"}'


@pytest.fixture
def hooks(aws, handler, monkeypatch):
    secrets = boto3.client("secretsmanager")
    given = [
        {"name": name, "kind": kind, "mailboxes": [], "secret_arn": secrets.create_secret(Name=name)["ARN"]}
        for name, kind in (("jira", "jira"), ("zen", "zendesk"), ("new", "jira"), ("hook", "webhook"))
    ]
    monkeypatch.setenv("DESTINATIONS", json.dumps(given))
    monkeypatch.setenv("CONNECT_QUEUE_URL", queue("connect"))
    fill("jira", JIRA)
    fill("zen", ZENDESK)
    return Called(handler("hooks"), monkeypatch)


def fill(name, secret):
    held = {"email": "m@acme.test", "token": "t", "webhook_secret": secret}
    boto3.client("secretsmanager").put_secret_value(SecretId=name, SecretString=json.dumps(held))


class Called:
    """The function at a time of our own; `reads` are the secrets that it read."""

    def __init__(self, module, monkeypatch):
        self.module, self.moment, self.reads = module, NOW, []
        through = module.hooks.secrets._read
        monkeypatch.setattr(module.hooks.secrets, "_read", lambda arn: self.reads.append(arn) or through(arn))
        monkeypatch.setattr(module.hooks.secrets, "_now", lambda: self.moment)
        object.__setattr__(module.hooks, "now", lambda: self.moment)

    def __call__(self, name, body, headers):
        event = {"pathParameters": {"destination": name}, "requestContext": {"requestId": "r-1"}, "headers": headers}
        answer = self.module.handler(event | {"body": body}, None)
        return answer["statusCode"], json.loads(answer["body"])

    def jira(self, body=ISSUE, secret=JIRA, name="jira"):
        signature = hmac.new(secret.encode(), body.encode(), "sha256").hexdigest()
        return self(name, body, {"x-hub-signature": f"sha256={signature}"})

    def zendesk(self, body, at="2026-11-21T11:59:00Z"):
        signature = base64.b64encode(hmac.digest(ZENDESK.encode(), f"{at}{body}".encode(), "sha256")).decode()
        headers = {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": at}
        return self("zen", body, headers)


def test_a_ticket_that_a_signed_webhook_names_is_to_be_pulled(hooks, task_root):
    assert hooks.jira() == (202, {})
    [command] = drain("connect")
    assert (command["id"], command["detail-type"]) == ("r-1", "PullTicket")
    detail = Schemas(task_root / "schemas").check("PullTicket", command["detail"])
    assert detail == {"destination": "jira", "remote": "10007"}
    assert hooks.zendesk(EVENT) == hooks.zendesk(TRIGGER) == (202, {})
    assert [command["detail"] for command in drain("connect")] == [{"destination": "zen", "remote": "35436"}] * 2
    assert len(hooks.reads) == 2


def test_who_is_not_believed_learns_nothing_and_the_log_says_why(hooks, caplog):
    refused = (401, {"error": "the signature does not hold"})
    assert hooks.jira(secret="another") == refused
    assert hooks("jira", ISSUE, {}) == refused
    assert hooks("jira", ISSUE, {"x-hub-signature": "sha256=?"}) == refused
    assert hooks.zendesk(TRIGGER, at="2026-11-21T11:54:59Z") == refused
    reasons = [record.reason for record in caplog.records if record.message == "not believed"]
    assert [reason.split(":")[0] for reason in reasons] == [
        "the signature is not that of this body by our secret",
        "the header x-hub-signature is missing",
        "the header x-hub-signature is not sha256= and 64 hexadecimal digits",
        "it was not signed within the last 5 minutes",
    ]
    assert drain("connect") == []
    assert JIRA not in caplog.text + str(reasons)


@pytest.mark.parametrize("name", ["hook", "nowhere", "", "../jira"])
def test_only_ticket_systems_of_the_settings_are_listened_to(hooks, name):
    assert hooks.jira(name=name) == (404, {"error": "no webhooks come in here"})


@pytest.mark.parametrize(
    "body",
    [
        *("", "no JSON", "[]", "7", "null", "{}", '{"issue": 7}', '{"issue": {"id": null}}', '{"issue": {"id": true}}'),
        *('{"issue": {"id": "SUP-7"}}', '{"issue": {"id": "1/../2"}}', '{"issue": {"id": "1\\n"}}'),
        *('{"issue": {"id": ' + "9" * 5000 + "}}", "[" * 100_000, '{"issue": {"id": "٤"}}', EVENT, TRIGGER),
    ],
)
def test_a_signed_body_without_a_ticket_is_refused(hooks, body):
    status, said = hooks.jira(body)
    assert (status, said["error"]) in {(400, "the body names no ticket"), (400, "the body is not JSON")}
    assert drain("connect") == []


def test_a_body_in_base64_is_read_as_its_bytes(hooks):
    event = {"pathParameters": {"destination": "jira"}, "requestContext": {"requestId": "r-1"}, "headers": {}}
    answer = hooks.module.handler(event | {"body": "?", "isBase64Encoded": True}, None)
    assert answer["statusCode"] == 400


def test_before_a_secret_is_set_they_are_told_to_come_again_and_soon_after_they_are_heard(hooks):
    assert hooks.jira(name="new") == (503, {"error": "no secret is set for these webhooks"})
    fill("new", "")
    hooks.moment += timedelta(seconds=10)
    assert hooks.jira(name="new")[0] == 503
    fill("new", JIRA)
    hooks.moment += timedelta(seconds=10)
    assert hooks.jira(name="new") == (202, {})


def test_a_secret_is_read_again_when_it_does_not_serve_but_not_for_everybody_who_calls(hooks):
    hooks.jira()
    fill("jira", "another")
    for seconds in (9, 1):
        hooks.moment += timedelta(seconds=seconds)
        answer = hooks.jira(secret="another")
    assert (answer, len(hooks.reads)) == ((202, {}), 2)
    for _ in range(50):
        hooks.jira(secret="a guess")
    assert len(hooks.reads) == 2
    hooks.moment += timedelta(minutes=5)
    hooks.jira(secret="another")
    assert len(hooks.reads) == 3
