"""What is looked up and never connected to; tests/integration/connect has the connections."""

import ssl
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lambdas.connect.endpoint import endpoint
from lambdas.connect.pinned import Network, NotPublic, TooSlow, Unanswered

HOOKS = endpoint("https://hooks.example.org/s3cret")


class Dialled(Exception):
    pass


def network(resolve, seconds=5.0, dial=None):
    def dialled(address, port, _seconds):
        raise Dialled(address, port)

    return Network(resolve=resolve, dial=dial or dialled, tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), seconds=seconds)


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::ffff:10.1.2.3", "fd00:ec2::254"])
def test_a_name_that_leads_inside_is_never_connected_to(address):
    with pytest.raises(NotPublic) as refused:
        network(lambda _host: [address]).post(HOOKS, {}, b"")
    assert str(refused.value) == f"hooks.example.org leads to {address}, which is not a public address"


@given(some.permutations(["8.8.8.8", "2600::1", "1.1.1.1", "10.0.0.1"]))
def test_one_private_address_among_public_ones_refuses_them_all(addresses):
    with pytest.raises(NotPublic, match=r"leads to 10\.0\.0\.1,"):
        network(lambda _host: addresses).post(HOOKS, {}, b"")


def test_a_name_that_changes_its_address_between_two_looks_has_only_one():
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    with pytest.raises(Dialled) as dialled:
        network(lambda _host: next(answers)).post(HOOKS, {}, b"")
    assert dialled.value.args == ("8.8.8.8", 443)
    assert next(answers) == ["127.0.0.1"]


def test_a_look_up_that_never_ends_is_left_alone():
    ended = Event()
    with pytest.raises(TooSlow, match=r"hooks\.example\.org took more than 0\.05 s"):
        network(lambda _host: ended.wait(10) and [], seconds=0.05).post(HOOKS, {}, b"")
    ended.set()


@pytest.mark.parametrize(
    ("fails", "reason"),
    [
        (ConnectionRefusedError(111, "x"), "no answer from hooks.example.org: ConnectionRefusedError"),
        (OSError("s3cret"), "no answer from hooks.example.org: OSError"),
        (TimeoutError(), "hooks.example.org took more than 5 s"),
    ],
)
def test_no_failure_tells_more_than_the_host(fails, reason):
    def dial(_address, _port, _seconds):
        raise fails

    with pytest.raises(Unanswered) as failed:
        network(lambda _host: ["8.8.8.8", "1.1.1.1"], dial=dial).post(HOOKS, {}, b"")
    assert str(failed.value) == reason


@pytest.mark.parametrize("fails", [UnicodeError("label too long"), OSError("no network")])
def test_a_look_up_that_fails_is_no_answer(fails):
    def resolve(_host):
        raise fails

    with pytest.raises(Unanswered, match=r"no answer from hooks\.example\.org"):
        network(resolve).reach(HOOKS)


def test_a_name_without_an_address_is_no_answer():
    with pytest.raises(Unanswered, match="leads to no address"):
        network(lambda _host: []).reach(HOOKS)


def test_the_addresses_share_the_time():
    shares = []

    def dial(address, _port, seconds):
        shares.append((address, round(seconds, 1)))
        raise ConnectionRefusedError

    with pytest.raises(Unanswered):
        network(lambda _host: ["8.8.8.8", "8.8.4.4", "1.1.1.1"], seconds=60, dial=dial).reach(HOOKS)
    assert shares == [("8.8.8.8", 20.0), ("8.8.4.4", 30.0), ("1.1.1.1", 60.0)]
