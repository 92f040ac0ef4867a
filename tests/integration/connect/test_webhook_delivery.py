"""What the webhook sends, and what it makes of an answer.

The expected signature was computed with `openssl dgst -sha256 -mac HMAC`."""

import json

import pytest

from lambdas.connect.webhook import DELIVERED, FAILED, UNWANTED
from local.certificates import Authority
from tests.integration.connect.outside import MESSAGE, NAME, OK, tried
from tests.integration.connect.receiver import saying


def test_a_message_arrives_as_it_was_signed(outside):
    with outside(saying(OK)) as (receiver, world):
        attempt = world.webhook().deliver(MESSAGE)
    assert (attempt.outcome, attempt.reason) == (DELIVERED, "")
    [(first, headers, body)] = receiver.requests
    assert first == "POST /in?key=1 HTTP/1.1"
    assert body == MESSAGE.body
    assert headers == {
        "Host": "hooks.example.org",
        "Accept-Encoding": "identity",
        "Content-Length": "56",
        "Connection": "close",
        "Content-Type": "application/json",
        "Accept": "*/*",
        "User-Agent": "Mailroom",
        "webhook-id": "TicketOpened-7f3c",
        "webhook-timestamp": "1763719200",
        "webhook-signature": "v1,F7LvKkV6kvvBXEFQdDIMkPFUtXWvma1NT+OxcYfizyc=",
    }
    assert json.loads(body)["data"]["subject"] == "Zürich"


def test_a_proxy_in_the_environment_is_not_asked(outside, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    attempt, _ = tried(outside, saying(OK))
    assert attempt.outcome == DELIVERED


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_status_of_success_is_one(outside, status):
    attempt, _ = tried(outside, saying(b"HTTP/1.1 %d Fine\r\n\r\n" % status))
    assert attempt.outcome == DELIVERED


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (410, UNWANTED, "hooks.example.org answered 410: it wants no more of them"),
        (400, FAILED, "hooks.example.org answered 400: it does not take this"),
        (404, FAILED, "hooks.example.org answered 404: it does not take this"),
        (500, FAILED, "hooks.example.org answered 500: it is not well"),
        (700, FAILED, "hooks.example.org answered 700: that is no answer"),
    ],
)
def test_other_statuses_say_what_becomes_of_it(outside, status, outcome, reason):
    attempt, _ = tried(outside, saying(b"HTTP/1.1 %d X\r\nContent-Length: 9\r\n\r\nno\r\n\tthx\0" % status))
    assert (attempt.outcome, attempt.reason, attempt.retry_after) == (outcome, reason, None)
    assert attempt.answer == "no thx"


def test_a_redirect_is_not_followed(outside):
    moved = b"HTTP/1.1 307 Moved\r\nLocation: https://169.254.169.254/latest/\r\nContent-Length: 0\r\n\r\n"
    with outside(saying(moved)) as (receiver, world):
        attempt = world.webhook().deliver(MESSAGE)
    assert attempt.outcome == FAILED
    assert attempt.reason == (
        "hooks.example.org answered 307: redirects are not followed: set the URL that it moved to"
    )
    assert (receiver.connections, world.looked_up, len(world.dialled)) == (1, ["hooks.example.org"], 1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(b"120", 120), (b"Fri, 21 Nov 2025 10:05:00 GMT", 300), (b"soon", None), (b"-5", None)],
)
def test_it_is_heard_when_to_come_back(outside, header, seconds):
    attempt, _ = tried(outside, saying(b"HTTP/1.1 429 Slow\r\nRETRY-AFTER: %s\r\n\r\n" % header))
    assert (attempt.outcome, attempt.retry_after) == (FAILED, seconds)


def test_a_certificate_for_another_name_gets_nothing(outside, authority):
    with outside(saying(OK), context=authority.context("other.example.org")) as (receiver, world):
        attempt = world.webhook().deliver(MESSAGE)
    assert attempt.outcome == FAILED
    assert attempt.reason.startswith("the certificate of hooks.example.org is not trusted: Hostname mismatch")
    assert receiver.requests == []


def test_a_certificate_of_an_unknown_authority_gets_nothing(outside):
    with outside(saying(OK), context=Authority("Nobody's").context(NAME)) as (receiver, world):
        attempt = world.webhook().deliver(MESSAGE)
    assert attempt.reason.startswith("the certificate of hooks.example.org is not trusted: ")
    assert receiver.requests == []


def test_a_server_without_tls_gets_nothing(outside):
    with outside(saying(OK), context=None, seconds=0.5) as (receiver, world):
        attempt = world.webhook().deliver(MESSAGE)
    assert attempt.outcome == FAILED
    assert receiver.requests == []


def test_a_check_connects_and_sends_nothing(outside):
    with outside(saying(OK)) as (receiver, world):
        assert world.webhook().check() == []
        assert world.webhook(secrets=()).check() == [
            "a webhook's secret is whsec_ and then 24 to 64 random bytes in base64"
        ]
    assert receiver.requests == []
    assert len(world.dialled) == 2


@pytest.mark.parametrize(
    "answer", [b"", b"\0" * 100, b"220 smtp.example.org ESMTP\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1\r\n\r\n"]
)
def test_what_is_not_http_is_no_answer(outside, answer):
    attempt, _ = tried(outside, saying(answer))
    assert attempt.outcome == FAILED
    assert attempt.reason.startswith("no answer from hooks.example.org: ")
