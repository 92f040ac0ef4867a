"""An event on its way from the queue to an HTTPS server on this machine, through the function's own handler."""

import hmac
import json
import os
import ssl
from base64 import b64decode, b64encode

import boto3
import pytest

from lambdas.connect import pinned
from lambdas.connect.pinned import Network, dial
from local.certificates import Authority
from tests.integration.connect.receiver import receiving, saying
from tests.integration.records import batch, drain

NAME, KEY = "hooks.acme.test", b"an old key, of 24 bytes!"
DETAIL = {"id": "7-a", "ticket": 7, "mailbox": "shop@acme.test", "subject": "Zürich", "status": "closed"}
CLOSED = {
    "id": "1",
    "source": "mailroom",
    "detail-type": "TicketClosed",
    "time": "2026-11-21T12:00:00Z",
    "detail": DETAIL | {"before": "solved", "by": "mailroom", "at": "2026-11-21T12:00:00.000Z"},
}


@pytest.fixture
def function(aws, handler, monkeypatch):
    held = json.dumps({"secrets": ["whsec_" + b64encode(key).decode() for key in (KEY[::-1], KEY)]})
    arn = boto3.client("secretsmanager").create_secret(Name="hook", SecretString=held)["ARN"]
    given = {"name": "hook", "kind": "webhook", "secret_arn": arn, "mailboxes": ["shop@acme.test"]}
    monkeypatch.setenv("DESTINATIONS", json.dumps([given | {"url": f"https://{NAME}/mailroom?s3c"}]))
    return handler("connect")


def test_an_event_is_delivered_signed_and_what_fails_waits_in_the_queue(function, monkeypatch, caplog):
    authority = Authority("A test's authority")
    said = [b"HTTP/1.1 503 No\r\nRetry-After: 7\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]
    with receiving(authority.context(NAME), lambda *met: saying(said.pop(0))(*met)) as receiver:
        network = Network(
            resolve=lambda _host: ["93.184.215.14"],
            dial=lambda _address, _port, seconds: dial("127.0.0.1", receiver.port, seconds),
            tls=ssl.create_default_context(cadata=authority.pem),
            seconds=5,
        )
        monkeypatch.setattr(pinned, "internet", lambda: network)
        assert function.handler({"check": "hook"}, None) == {"wrong": []}
        function.handler(batch(CLOSED), None)
        [first] = drain("queue")
        function.handler(batch(first), None)
        asked = boto3.client("sqs").get_queue_attributes(
            QueueUrl=os.environ["QUEUE_URL"], AttributeNames=["ApproximateNumberOfMessagesDelayed"]
        )
        assert asked["Attributes"] == {"ApproximateNumberOfMessagesDelayed": "1"}
        boto3.resource("dynamodb").Table("tickets").delete_item(Key={"pk": "DEST#hook", "sk": "DEST"})
        function.handler(batch(first), None)
    (line, headers, body), (_, again, same) = receiver.requests
    assert line == "POST /mailroom?s3c HTTP/1.1"
    assert json.loads(body) == {"type": "TicketClosed", "timestamp": CLOSED["time"], "data": CLOSED["detail"]}
    assert (headers["webhook-id"], body) == (again["webhook-id"], same)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    _new, old = headers["webhook-signature"].split()
    assert b64decode(old.removeprefix("v1,")) == hmac.digest(KEY, signed, "sha256")
    assert "s3c" not in caplog.text + "".join(str(vars(record)) for record in caplog.records)
