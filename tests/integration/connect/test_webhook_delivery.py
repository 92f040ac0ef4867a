"""The webhook against HTTPS servers on this machine, which a fake resolver and dialler call a public address. The
expected signature was computed with `openssl dgst -sha256 -mac HMAC`."""

import json
import socket
import ssl
import time
from contextlib import closing, contextmanager
from threading import Event, Thread

import pytest

from lambdas.connect.endpoint import endpoint
from lambdas.connect.pinned import Network, NotPublic, TooSlow, Unanswered, dial, internet, look_up
from lambdas.connect.webhook import DELIVERED, FAILED, UNWANTED, Message, Webhook
from local.certificates import Authority
from tests.integration.connect.receiver import dripping, pouring, receiving, saying

NAME, ADDRESS = "hooks.example.org", "93.184.215.14"
SECRET = "whsec_YW4gb2xkIGtleSBvZiAyNCBieXRlcyEh"
MESSAGE = Message(id="TicketOpened-7f3c", body=b'{"type":"TicketOpened","data":{"subject":"Z\\u00fcrich"}}')
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def authority():
    return Authority("A test's authority")


@pytest.fixture(scope="module")
def certified(authority):
    return authority.context(NAME)


class Outside:
    """What the webhook finds beyond this machine: every address is the receiver."""

    def __init__(self, receiver, authority, addresses=(ADDRESS,), seconds=3.0):
        self.looked_up, self.dialled = [], []
        self._port, self._addresses = receiver.port, addresses
        tls = ssl.create_default_context(cadata=authority.pem)
        self.network = Network(resolve=self._resolve, dial=self._dial, tls=tls, seconds=seconds)

    def webhook(self, url="https://hooks.example.org/in?key=1", secrets=(SECRET,)):
        return Webhook(endpoint=endpoint(url), secrets=secrets, network=self.network, now=lambda: 1763719200.9)

    def _resolve(self, host):
        self.looked_up.append(host)
        return self._addresses

    def _dial(self, address, port, seconds):
        self.dialled.append((address, port))
        return dial("127.0.0.1", self._port, seconds)


@pytest.fixture
def outside(authority, certified):
    """Makes a receiver that answers so, and what is outside."""

    @contextmanager
    def making(answer, context=certified, **options):
        with receiving(context, answer) as receiver:
            yield receiver, Outside(receiver, authority, **options)

    return making


def tried(outside, answer, **options):
    """What became of one try, and how many seconds it took."""
    with outside(answer, **options) as (_, world):
        began = time.monotonic()
        return world.webhook().deliver(MESSAGE), time.monotonic() - began


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


def test_the_name_is_looked_up_once_and_that_address_connected_to_by_the_name(outside):
    with outside(saying(OK)) as (receiver, world):
        world.webhook("https://hooks.example.org:8443/").deliver(MESSAGE)
    assert world.looked_up == ["hooks.example.org"]
    assert world.dialled == [("93.184.215.14", 8443)]
    assert receiver.names == ["hooks.example.org"]
    assert receiver.requests[0][1]["Host"] == "hooks.example.org:8443"


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


@pytest.mark.parametrize(
    "answer", [b"", b"\0" * 100, b"220 smtp.example.org ESMTP\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1\r\n\r\n"]
)
def test_what_is_not_http_is_no_answer(outside, answer):
    attempt, _ = tried(outside, saying(answer))
    assert attempt.outcome == FAILED
    assert attempt.reason.startswith("no answer from hooks.example.org: ")


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


def test_when_an_address_takes_no_connection_the_next_one_is_tried(outside):
    with outside(saying(OK), addresses=("93.184.215.14", "2606:2800:21f::1")) as (_, world):
        through = world.network.dial

        def dialled(address, port, seconds):
            if address == "93.184.215.14":
                assert seconds < world.network.seconds / 2
                world.dialled.append((address, port))
                raise ConnectionRefusedError
            return through(address, port, seconds)

        network = Network(resolve=world.network.resolve, dial=dialled, tls=world.network.tls, seconds=3)
        answer = network.post(endpoint("https://hooks.example.org/"), {}, b"")
    assert answer.status == 200
    assert world.dialled == [("93.184.215.14", 443), ("2606:2800:21f::1", 443)]


def test_a_check_connects_and_sends_nothing(outside):
    with outside(saying(OK)) as (receiver, world):
        assert world.webhook().check() == []
        assert world.webhook(secrets=()).check() == [
            "a webhook's secret is whsec_ and then 24 to 64 random bytes in base64"
        ]
    assert receiver.requests == []
    assert len(world.dialled) == 2


def test_numbers_that_hide_an_address_are_seen_through():
    for host in ("127.0.0.1", "127.1", "0x7f000001", "2130706433", "017700000001"):
        with pytest.raises(NotPublic, match=r"leads to 127\.0\.0\.1, which is not a public address"):
            internet().reach(endpoint(f"https://{host}/"))
    with pytest.raises(NotPublic, match="leads to ::1, which"):
        internet().reach(endpoint("https://[::1]/"))


def test_this_machines_own_name_is_not_public():
    assert set(look_up("localhost")) <= {"127.0.0.1", "::1"}
    with pytest.raises(NotPublic):
        internet().post(endpoint("https://localhost/"), {}, b"")


def test_a_name_without_an_address_is_told():
    with pytest.raises(Unanswered, match=r"nowhere\.invalid"):
        internet().reach(endpoint("https://nowhere.invalid/"))
