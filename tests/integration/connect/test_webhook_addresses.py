"""Which addresses the webhook connects to."""

import pytest

from lambdas.connect.endpoint import endpoint
from lambdas.connect.pinned import Network, NotPublic, Unanswered, internet, look_up
from tests.integration.connect.outside import MESSAGE, OK
from tests.integration.connect.receiver import saying


def test_the_name_is_looked_up_once_and_that_address_connected_to_by_the_name(outside):
    with outside(saying(OK)) as (receiver, world):
        world.webhook("https://hooks.example.org:8443/").deliver(MESSAGE)
    assert world.looked_up == ["hooks.example.org"]
    assert world.dialled == [("93.184.215.14", 8443)]
    assert receiver.names == ["hooks.example.org"]
    assert receiver.requests[0][1]["Host"] == "hooks.example.org:8443"


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
