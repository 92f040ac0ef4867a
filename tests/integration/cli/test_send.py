import base64
import json
import re
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import boto3
import pytest

from cli import deployment as module
from cli.deployment import Deployment, Stack
from local.server import Running

TITLED = ("notice", "--to", "mia@example.org", "--data", '{"title": "Hi"}')
SENT = {"messages": [{"id": "m1", "to": "mia@example.org", "state": "sent", "reason": ""}]}
FAILED = {"messages": [{"id": "m1", "to": "mia@example.org", "state": "failed", "reason": "`text` is missing"}]}


@dataclass
class Api:
    """Answers every call the same, and keeps them as (method, path, headers, body)."""

    status: int = 200
    answer: object = field(default_factory=lambda: SENT)
    calls: list = field(default_factory=list)

    @property
    def body(self):
        return json.loads(self.calls[-1][3])

    @property
    def headers(self):
        return self.calls[-1][2]


@pytest.fixture
def api(monkeypatch, tmp_path):
    """The laptop's HTTP API, under a name that no resolver knows."""
    found = Api()

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found.calls.append((self.command, self.path, self.headers, body))
            said = found.answer if isinstance(found.answer, bytes) else json.dumps(found.answer).encode()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_DELETE = answer  # noqa: N815 - http.server's names

        def log_message(self, *arguments): ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    url = f"http://abc.execute-api.localhost:{server.server_port}"
    paths = dict.fromkeys(("certificate", "outbox", "log"), tmp_path)
    running = Running(
        **paths,
        **dict.fromkeys(("smtp_port", "submission_port", "pid"), 0),
        endpoint=url,
        account="000000000000",
        region="us-east-1",
        access_key_id="AKIAKEY",
        secret_access_key="secret",
    )
    stack = Stack(name="Outbound", status="", at="", outputs={"PagesUrl": url})
    session = boto3.Session("AKIAKEY", "secret", region_name="us-east-1")
    deployment = Deployment(stage="local", session=session, account="", stacks=(stack,), running=running)
    monkeypatch.setattr(module, "find", lambda stage: deployment)
    yield found
    server.shutdown()
    server.server_close()


def test_a_mail_is_asked_for_with_a_signed_call(run, api):
    assert run("send", *TITLED, "--key", "order-1", "--json") == {"key": "order-1", **SENT}
    method, path, headers, _ = api.calls[0]
    assert (method, path, headers["Idempotency-Key"]) == ("POST", "/messages", "order-1")
    assert headers["Host"].startswith("abc.execute-api.localhost:")
    signed = r"AWS4-HMAC-SHA256 Credential=AKIAKEY/\d{8}/us-east-1/execute-api/aws4_request, SignedHeaders=(\S+), .+"
    assert re.fullmatch(signed, headers["Authorization"])[1] == "content-type;host;idempotency-key;x-amz-date"
    assert api.body == {"to": "mia@example.org", "template": "notice", "data": {"title": "Hi"}}


def test_what_became_of_it_is_shown_with_the_key(run, api):
    assert run("send", *TITLED, "--key", "order-1") == [
        "message   to                state   reason",
        "m1        mia@example.org   sent",
        "Idempotency key: order-1",
    ]


def test_without_a_key_a_new_one_is_made_each_time(run, api):
    first, second = (run("send", *TITLED, "--json")["key"] for _ in range(2))
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first != second


def test_every_option_is_in_the_call(run, api, tmp_path):
    (tmp_path / "data.json").write_text('{"title": "Hi", "text": "There"}')
    (tmp_path / "plan.pdf").write_bytes(b"%PDF")
    (tmp_path / "what.unheard-of").write_bytes(b"\x00")
    said = ("--locale", "de", "--stream", "marketing", "--reply-to", "bo@example.net")
    said += ("--send-at", "2026-12-24T18:00:00Z", "--data-file", tmp_path / "data.json", "--set", "text=a=b")
    said += ("--attach", tmp_path / "plan.pdf", "--attach", tmp_path / "what.unheard-of")
    run("send", "notice", "--to", "mia@example.org", "--to", "bo@example.net", *said, "--json")
    assert api.body == {
        "to": ["mia@example.org", "bo@example.net"],
        "template": "notice",
        "data": {"title": "Hi", "text": "a=b"},
        "locale": "de",
        "stream": "marketing",
        "reply_to": "bo@example.net",
        "send_at": "2026-12-24T18:00:00Z",
        "attachments": [
            {"filename": "plan.pdf", "content_type": "application/pdf", "content": base64.b64encode(b"%PDF").decode()},
            {"filename": "what.unheard-of", "content_type": "application/octet-stream", "content": "AA=="},
        ],
    }


def test_a_mail_that_failed_is_shown_and_gives_status_1(run, api):
    api.status, api.answer = 422, FAILED
    assert run("send", *TITLED, "--key", "k", "--json", status=1) == {"key": "k", **FAILED}


def test_a_mail_that_waits_has_not_failed(run, api):
    waits = {"id": "m1", "to": "mia@example.org", "state": "throttled", "reason": "SES takes no mail now"}
    api.answer = {"messages": [waits]}
    assert run("send", *TITLED, "--json")["messages"] == [waits]


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (409, {"error": "another message \x1b was asked for"}, "The API refused it (409): another message \\x1b was"),
        (403, {"message": "Forbidden"}, "AWS refused the call: Forbidden. It takes credentials that may execute-api:"),
        (429, {"message": "Too Many Requests"}, "(429 Too Many Requests): it may have been sent. Say it again with --"),
        (503, {"message": None}, "(503 no reason given): it may have been sent. Say it again with --key k, and"),
        (200, b"<html>", "): it may have been sent. Say it again with --key k, and it is sent once."),
    ],
)
def test_an_answer_that_is_no_success_says_what_to_do(run, api, status, answer, said):
    api.status, api.answer = status, answer
    assert said in run("send", *TITLED, "--key", "k", status=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["notice", "--to", "nobody"], "This would not be accepted: SendMail: detail.to"),
        ([*TITLED, "--data-file", __file__], "Give --data or --data-file, not both."),
        (["notice", "--to", "m@example.org", "--data", "{"], "The data is not JSON: "),
        (["notice", "--to", "m@example.org", "--data", "[]"], "The data is no JSON object"),
        ([*TITLED, "--set", "title"], "--set title is not NAME=VALUE."),
        ([*TITLED, "--key", "Schlüssel"], "printable ASCII characters only"),
    ],
)
def test_a_call_that_cannot_be_accepted_is_refused_at_once(run, api, arguments, said):
    assert said in run("send", *arguments, status=2, columns=200)
    assert api.calls == []


def test_files_that_no_call_can_hold_are_refused_with_the_other_way(run, api, tmp_path):
    (tmp_path / "film.mp4").write_bytes(bytes(4 * 1024 * 1024 + 1))
    assert "attachment_buckets" in run("send", *TITLED, "--attach", tmp_path / "film.mp4", status=2, columns=300)


def test_a_scheduled_message_is_taken_back(run, api):
    api.answer = {"id": "m1", "state": "cancelled"}
    assert run("message", "cancel", "m1") == ["Message m1 is cancelled."]
    assert run("message", "cancel", "m/1?", "--json") == {"id": "m1", "state": "cancelled"}
    assert [call[:2] for call in api.calls] == [("DELETE", "/messages/m1"), ("DELETE", "/messages/m%2F1%3F")]


def test_what_cannot_be_taken_back_says_why(run, api):
    api.status, api.answer = 409, {"error": "only a scheduled message can be cancelled; it is sent"}
    said = "Error: Message m1 was not cancelled: only a scheduled message can be cancelled; it is sent.\n"
    assert run("message", "cancel", "m1", status=1) == said
    api.status = 404
    assert "There is no message m1: `mailroom messages` lists the newest." in run("message", "cancel", "m1", status=1)
