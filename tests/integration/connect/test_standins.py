"""The stand-ins themselves: what they notice, and that they sign as the systems do."""

import hmac
import http.server
import json
import time
from base64 import b64encode
from contextlib import contextmanager
from threading import Thread

import pytest
import urllib3

from local.standins import descriptions, jira, zendesk
from local.standins.server import running
from local.standins.there import NotTurned, There
from tests.integration.connect.there import EMAIL, TOKEN, comment, jira_client, needed, opening, zendesk_client


@contextmanager
def receiving():
    """(a URL, the requests that came to it as (headers, body))."""
    came = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            came.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", came
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def until(count, came):
    deadline = time.monotonic() + 10
    while len(came) < count:
        assert time.monotonic() < deadline, came
    return came


def test_jira_signs_the_raw_body(in_jira):
    with receiving() as (url, came):
        in_jira.turn("webhook", {"url": url, "secret": "hook-secret"})
        client = jira_client(in_jira)
        ticket = client.create(opening())
        client.comment(ticket.id, comment())
        client.set_status(ticket.id, "solved")
        until(3, came)
    for headers, body in came:
        assert headers["X-Hub-Signature"] == "sha256=" + hmac.new(b"hook-secret", body, "sha256").hexdigest()
    events = [json.loads(body)["webhookEvent"] for _, body in came]
    assert events == ["jira:issue_created", "comment_created", "jira:issue_updated"]


def test_zendesk_signs_the_time_and_the_raw_body(in_zendesk):
    with receiving() as (url, came):
        in_zendesk.turn("webhook", {"url": url, "secret": "hook-secret"})
        client = zendesk_client(in_zendesk)
        ticket = client.create(opening())
        client.set_status(ticket.id, "solved")
        until(2, came)
    for headers, body in came:
        signed = headers["X-Zendesk-Webhook-Signature-Timestamp"].encode() + body
        digest = hmac.new(b"hook-secret", signed, "sha256").digest()
        assert headers["X-Zendesk-Webhook-Signature"] == b64encode(digest).decode()
    assert json.loads(came[1][1])["type"] == "zen:event-type:ticket.status_changed"


@pytest.mark.parametrize(
    ("name", "standin", "path", "body"),
    [
        ("jira", jira.Jira(user=EMAIL, token=TOKEN), "/rest/api/3/issue", {"properties": "none"}),
        (
            "zendesk",
            zendesk.Zendesk(user=EMAIL, token=TOKEN),
            "/api/v2/tickets",
            {"ticket": {"subject": "no comment", "comment": {}}},
        ),
    ],
)
def test_a_request_that_the_contract_does_not_know_is_noticed(name, standin, path, body):
    needed(name)
    with running(standin) as base:
        headers = urllib3.make_headers(basic_auth=f"{EMAIL}:{TOKEN}") | {"Content-Type": "application/json"}
        answer = urllib3.request("POST", base + path, body=json.dumps(body), headers=headers)
        assert answer.status == 400
        (wrong,) = There(base).state["wrong"]
    assert wrong.startswith(f"POST {path}: $.")


def test_an_answer_that_the_contract_does_not_know_is_noticed():
    needed("jira")

    class Mistaken(jira.Jira):
        def _get(self, asked, id):
            return super()._get(asked, id).__class__(data={"id": 5})

    with running(Mistaken(user=EMAIL, token=TOKEN)) as base:
        headers = urllib3.make_headers(basic_auth=f"{EMAIL}:{TOKEN}")
        urllib3.request("GET", f"{base}/rest/api/3/issue/SUP-1", headers=headers)
        assert There(base).state["wrong"] == ["200 to GET /rest/api/3/issue/SUP-1: $.id: 5 is not of type 'string'"]


def test_without_the_contracts_they_work_as_well(monkeypatch, tmp_path):
    monkeypatch.setenv("CONTRACTS", str(tmp_path))
    descriptions.contract.cache_clear()
    try:
        with running(jira.Jira(user=EMAIL, token=TOKEN)) as base:
            client = jira_client(There(base))
            assert client.find("acme-12") is None
            assert client.create(opening()) == client.find("acme-12")
    finally:
        descriptions.contract.cache_clear()


@pytest.mark.parametrize(
    ("knob", "given", "said"),
    [
        (
            "coment",
            {},
            "there is no knob coment, but faults, calm, webhook, token, comment, status",
        ),
        ("delete", {"id": "7"}, "KeyError"),
        ("faults", [{"kind": "flood"}], "no fault 'flood'"),
    ],
)
def test_a_knob_that_cannot_be_turned_says_why(in_jira, knob, given, said):
    with pytest.raises(NotTurned, match=said):
        in_jira.turn(knob, given)


def test_a_fifth_of_the_requests_can_fail(in_jira):
    in_jira.turn("faults", [{"kind": "before", "times": None, "rate": 0.2}])
    pool = urllib3.PoolManager()
    headers = urllib3.make_headers(basic_auth=f"{EMAIL}:{TOKEN}")
    statuses = [
        pool.request("GET", f"{in_jira.base}/rest/api/3/myself", headers=headers, retries=False).status
        for _ in range(200)
    ]
    assert 20 <= statuses.count(503) <= 60
    assert in_jira.state["faults"] == {"before": statuses.count(503)}
