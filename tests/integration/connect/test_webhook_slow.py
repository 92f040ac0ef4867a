"""Servers that are slow, or never done: the webhook is, in time."""

import socket
import ssl
import time
from contextlib import closing
from threading import Event, Thread

import pytest

from lambdas.connect.endpoint import endpoint
from lambdas.connect.pinned import Network, TooSlow, dial
from lambdas.connect.webhook import DELIVERED, FAILED
from tests.integration.connect.outside import ADDRESS, tried
from tests.integration.connect.receiver import dripping, pouring


def hanging(_connection, receiver):
    receiver.over.wait(10)


def test_silence_ends_in_time(outside):
    attempt, took = tried(outside, hanging, seconds=0.5)
    assert attempt.reason == "hooks.example.org took more than 0.5 s"
    assert took < 2


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 ", b"2"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X: x\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_an_answer_drop_by_drop_ends_in_time(outside, first, again):
    attempt, took = tried(outside, dripping(first, again), seconds=0.5)
    assert attempt.outcome == FAILED
    assert took < 2


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"])
def test_a_success_counts_though_its_body_never_ends(outside, head):
    attempt, took = tried(outside, dripping(head, b"1\r\nx\r\n"), seconds=0.5)
    assert attempt.outcome == DELIVERED
    assert took < 2


def test_of_an_endless_body_64_kb_are_read(outside):
    with outside(pouring(b"HTTP/1.1 500 No\r\n\r\n", b"x" * 60_000)) as (_, world):
        answer = world.network.post(endpoint("https://hooks.example.org/"), {}, b"")
    assert (answer.status, len(answer.body)) == (500, 65_536)


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        (b"HTTP/1.1 500 No\r\n", b"X: " + b"x" * 60_000 + b"\r\n"),
        (b"HTTP/1.1 500 No\r\nX: ", b"x" * 60_000),
        (b"HTTP/1.1 500 No\r\n", b"X: x\r\n" * 1000),
    ],
)
def test_an_endless_head_is_not_read_for_long(outside, first, again):
    attempt, took = tried(outside, pouring(first, again))
    assert attempt.outcome == FAILED
    assert took < 2


def listened(listener, authority, seconds):
    """A network whose dialler sets another time-out than it is told."""
    return Network(
        resolve=lambda _host: [ADDRESS],
        dial=lambda _address, _port, _seconds: dial("127.0.0.1", listener.getsockname()[1], 30),
        tls=ssl.create_default_context(cadata=authority.pem),
        seconds=seconds,
    )


def test_a_request_that_is_read_drop_by_drop_ends_in_time(authority, certified):
    over = Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def sip():
            connection, _ = listener.accept()
            with closing(certified.wrap_socket(connection, server_side=True)) as greeted:
                while not over.wait(0.01):
                    greeted.recv(16_384)

        thread = Thread(target=sip)
        thread.start()
        began = time.monotonic()
        with pytest.raises(TooSlow):
            listened(listener, authority, 1).post(endpoint("https://hooks.example.org/"), {}, b"x" * 30_000_000)
        took = time.monotonic() - began
        over.set()
        thread.join(10)
    assert took < 3


def test_a_connection_without_a_greeting_ends_in_time(authority):
    began = time.monotonic()
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as listener,
        pytest.raises(TooSlow, match=r"took more than 0\.3 s"),
    ):
        listened(listener, authority, 0.3).reach(endpoint("https://hooks.example.org/"))
    assert time.monotonic() - began < 2
