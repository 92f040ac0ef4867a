"""Answers that no system of repute gives, by a server that sends bytes as it is told to."""

import socket
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread

import pytest

from lambdas.connect import http
from lambdas.connect.http import Credentials, Http
from lambdas.connect.jira import Jira, JiraSettings
from lambdas.connect.remote import NotAllowed, Opening, Refused, TooMany, Unavailable, Unknown
from tests.integration.connect.there import comment, opening

TOKEN = "a-token-that-nobody-may-see"
EMAIL = "mailroom@acme.test"


@contextmanager
def answering(*pieces):
    """A server for one connection; gives its base and what it was sent."""
    heard = bytearray()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with listener.accept()[0] as connection:
            connection.settimeout(10)
            while b"\r\n\r\n" not in heard and (more := connection.recv(65536)):
                heard.extend(more)
            for piece in pieces:
                try:
                    connection.sendall(piece)
                except OSError:
                    return

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        thread.join(10)
        listener.close()


def client(base, rest=lambda: 0):
    given = Credentials(user=EMAIL, password=TOKEN)
    sentences = {401: "set the token again"}
    return Http(base, given, what="Jira", not_allowed=sentences, gone="deleted", rest=rest, now=lambda: 1_790_985_600.0)


def jira_client(base):
    settings = JiraSettings(project="SUP", issue_type="Task")
    return Jira(base, settings, email=EMAIL, token=TOKEN, rest=lambda: 0)


def whole(status, body=b"", *headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def raised(error, method, *pieces):
    with answering(*pieces) as (base, _), pytest.raises(error) as caught:
        client(base).call(method, "/path")
    shown = f"{caught.value} {caught.value!r} {vars(caught.value)} {caught.value.__cause__!r}"
    assert TOKEN not in shown
    return caught.value


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"HTTP/1.1 201 Crea",),
        (b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{",),
        (b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",),
        (whole("201 Created"),),
        (whole("201 Created", b"<html>Sign in</html>"),),
        (whole("201 Created", b"[" * 100_000),),
        (b"SSH-2.0-OpenSSH_9.9\r\n",),
        (whole("500 Internal Server Error"),),
        (whole("502 Bad Gateway"),),
        (whole("504 Gateway Timeout"),),
        (whole("408 Request Timeout"),),
    ],
)
def test_what_is_no_whole_answer_leaves_a_write_unknown_and_a_read_undone(pieces):
    raised(Unknown, "POST", *pieces)
    raised(Unavailable, "GET", *pieces)


def test_an_answer_without_a_body_is_none():
    with answering(whole("204 No Content")) as (base, _):
        assert client(base).call("POST", "/path") is None


def test_a_redirect_is_not_followed_and_nothing_is_sent_there():
    with answering(whole("200 OK", b"{}")) as (elsewhere, heard):
        refused = raised(Refused, "GET", whole("302 Found", b"", f"Location: {elsewhere}/steal"))
        assert "302" in str(refused)
        assert heard == b""
        socket.create_connection(("127.0.0.1", int(elsewhere.rpartition(":")[2]))).close()


def test_an_answer_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(http, "ANSWER_BYTES", 100_000)
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    raised(Unavailable, "GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[piece] * 50)


def test_an_answer_drop_by_drop_is_cut_off(monkeypatch):
    monkeypatch.setattr(http, "WHOLE_SECONDS", 0)
    raised(Unknown, "POST", b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n", b"{", b"}")


def test_a_429_with_a_date_says_the_seconds_until_then():
    late = whole("429 Too Many Requests", b"", "Retry-After: Sat, 03 Oct 2026 00:02:00 GMT")
    assert raised(TooMany, "POST", late).seconds == 120


def test_a_429_that_does_not_say_how_long_waits_a_minute():
    assert raised(TooMany, "POST", whole("429 Too Many Requests")).seconds == 60


def test_a_503_may_say_how_long():
    assert raised(Unknown, "POST", whole("503 Service Unavailable", b"", "Retry-After: 7")).seconds == 7


def test_a_conflict_was_not_done():
    raised(Unavailable, "POST", whole("409 Conflict"))


def test_an_answer_that_repeats_our_credentials_is_masked():
    basic = b"Basic bWFpbHJvb21AYWNtZS50ZXN0OmEtdG9rZW4tdGhhdC1ub2JvZHktbWF5LXNlZQ=="
    echo = b'{"errorMessages": ["' + basic + b' a-token-that-nobody-may-see"]}'
    refused = raised(Refused, "POST", whole("400 Bad Request", echo))
    assert "Basic … …" in refused.answer
    assert "Basic … …" in str(refused)
    raised(NotAllowed, "POST", whole("401 Unauthorized", echo))


def test_an_excerpt_is_an_excerpt():
    assert len(raised(Refused, "POST", whole("400 Bad Request", b"x" * 100_000)).answer) == 2_000


@pytest.mark.parametrize(
    ("body", "call", "error"),
    [
        (b"{}", lambda remote: remote.create(opening()), Unknown),
        (b'{"id": 7}', lambda remote: remote.create(opening()), Unknown),
        (b"[]", lambda remote: remote.comment("7", comment()), Unknown),
        (b'{"transitions": 1}', lambda remote: remote.set_status("7", "solved"), Unknown),
        (b"{}", lambda remote: remote.find("acme-12"), Unavailable),
        (b'{"fields": {"status": {}}}', lambda remote: remote.status("7"), Unavailable),
        (b'{"comments": 7}', lambda remote: remote.comments("7"), Unavailable),
        (b'{"issues": [{}]}', lambda remote: remote.updated(datetime.now(UTC)), Unavailable),
    ],
)
def test_json_of_another_form_is_a_failure_with_request_and_answer(body, call, error):
    with answering(whole("200 OK", body)) as (base, _), pytest.raises(error) as caught:
        call(jira_client(base))
    assert str(caught.value).endswith("in another form than it should have")
    assert (caught.value.request.split()[0] in {"GET", "POST"}, caught.value.answer) == (True, body.decode())


def test_an_error_of_ours_before_anybody_answered_is_no_failure_of_theirs():
    odd = Opening(**{**vars(opening()), "subject": None})
    with pytest.raises(AttributeError):
        jira_client("http://127.0.0.1:9").create(odd)


def test_who_asked_for_time_is_not_asked_before_it_is_over():
    with pytest.raises(TooMany) as caught:
        client("http://127.0.0.1:9", rest=lambda: 7.2).call("POST", "/path")
    assert caught.value.seconds == 7.2
