"""What each kind of event costs: requests to DynamoDB, and events on the bus."""

import pytest

from tests.unit.lambdas.feedback.events import event
from tests.unit.lambdas.feedback.world import World

ONE_WRITE = ["message write"]
CHEAPLY = ["message cheap read", "message write"]
STOPPED = ["message read", "recipient write", "tell", "tell", "message write"]


@pytest.mark.parametrize(
    ("name", "first", "again"),
    [
        ("send", ["message cheap read"], ["message cheap read"]),
        ("delivery", ONE_WRITE, ONE_WRITE),
        ("delivery-delay", ONE_WRITE, ONE_WRITE),
        ("reject", ONE_WRITE, ONE_WRITE),
        ("rendering-failure", ONE_WRITE, ONE_WRITE),
        ("open", CHEAPLY, ["message cheap read"]),
        ("click", CHEAPLY, ["message cheap read"]),
        ("unknown-kind", CHEAPLY, ["message cheap read"]),
        ("bounce-permanent", STOPPED, ["message read"]),
        ("complaint-marketing", STOPPED, ["message read"]),
        ("complaint-not-spam", ["message read", "tell", "message write"], ["message read"]),
        (
            "bounce-transient",
            ["message read", "recipient read", "recipient write", "tell", "message write"],
            ["message read"],
        ),
        ("subscription", ["message read", "recipient write", "tell", "message write"], ["message read"]),
    ],
)
def test_what_an_event_of_a_mail_that_was_sent_costs(name, first, again):
    world = World()
    world.sent()
    assert world.record(event(name)) == first
    assert world.record(event(name)) == again


def test_the_send_event_of_a_mail_whose_outcome_is_not_known_settles_it_in_one_write():
    world = World()
    world.messages.items["m1"] = {"id": "m1", "state": "claimed", "recipient": "mia@example.org"}
    assert world.record(event("send")) == CHEAPLY
    assert world.messages.items["m1"]["sent_at"] == "2026-11-21T10:00:00.000Z"


@pytest.mark.parametrize(("name", "detail_type"), [("send", "MailSent"), ("delivery", "MailDelivered")])
@pytest.mark.parametrize("ticket", [None, "17"])
def test_what_is_told_of_a_ticket_or_at_the_stages_wish_is_told_once_and_costs_a_read(name, detail_type, ticket):
    world = World(announce=() if ticket else (detail_type,))
    world.sent()
    told = event(name)
    if ticket:
        told["mail"]["tags"]["mailroom-ticket"] = [ticket]
    assert world.record(told) == ["message read", "tell", "message write"]
    assert world.record(told) == ["message read"]
    assert [(kind, detail["ticket"]) for kind, detail in world.told] == [(detail_type, ticket)]


def test_reports_by_mail_cannot_fill_a_messages_item():
    world = World()
    world.sent()
    for name in ("bounce-permanent", "delivery-delay"):
        for number in range(20):
            stamp = {"feedbackId": f"mail-{number}", "timestamp": f"2026-11-21T11:00:{number:02}Z"}
            world.record(event(name, **stamp) | {"reportedBy": "mail"})
    assert sum(name.startswith("event#") for name in world.messages.items["m1"]) == 25
    assert len(world.told) == 21  # each bounce, and that it suppresses


def test_mail_of_another_application_costs_one_write_an_event():
    world = World()
    foreign = event("send")
    foreign["mail"]["tags"] = {}
    assert world.record(foreign) == CHEAPLY
    assert world.record(event("identity-delivery")) == ONE_WRITE
    assert {item["stream"] for item in world.messages.items.values()} == {"foreign"}
