"""What interleavings of tries and events once did wrong, or may do by design, one by one. test_interleavings.py makes
them up."""

from lambdas.shared.messages import message_id, message_of
from lambdas.shared.outbox.request import requests
from tests.unit.lambdas.shared.outbox.world import CLAIM_SECONDS, Process, World

ASKED_AT = "2026-11-21T10:00:00.000Z"
NOTICE = {"to": "mia@example.org", "template": "notice", "idempotency_key": "order-1", "data": {"title": "Your parcel"}}


def tried(world, fate, **more):
    """The state that a try to send the message ends with, as SES treats it."""
    process = trying(world, **more)
    while not process.ended:
        process.step(fate)
    return process.result.state


def trying(world, **more):
    [request] = requests({"id": "event", "time": ASKED_AT, "detail": NOTICE | more}, world.clock)
    return Process(lambda: world.outbox.send(request), world.clock)


def stored(world):
    return message_of(world.table.items[message_id("order-1")])


def test_only_an_event_that_is_later_than_the_claim_lets_ses_take_a_message_twice():
    world = World()
    tried(world, "take and not answer")
    world.pass_by(CLAIM_SECONDS)
    assert (tried(world, "take"), len(world.accepted)) == ("claimed", 1)
    world.pass_by(1)
    assert (tried(world, "take"), len(world.accepted)) == ("sent", 2)


def test_an_event_within_the_claim_settles_what_ses_did_not_answer():
    world = World()
    tried(world, "take and not answer")
    world.feedback.record(world.event(world.accepted[0], "Send"))
    world.pass_by(CLAIM_SECONDS + 1)
    assert (tried(world, "take"), len(world.accepted)) == ("sent", 1)


def test_a_late_event_stops_the_next_try_though_ses_has_put_off_the_one_before():
    world = World()
    tried(world, "take and not answer")
    world.pass_by(CLAIM_SECONDS + 1)
    assert tried(world, "quota") == "over quota"
    world.feedback.record(world.event(world.accepted[0], "Send"))
    assert stored(world).state == "sent"
    world.pass_by(900)
    assert (tried(world, "take"), len(world.accepted)) == ("sent", 1)


def test_what_was_sent_is_not_announced_as_refused_when_the_next_try_is():
    world = World()
    tried(world, "take and not answer")
    world.pass_by(CLAIM_SECONDS + 1)
    process = trying(world)
    while process.at != "SES":
        process.step("refuse")
    world.feedback.record(world.event(world.accepted[0], "Send"))
    while not process.ended:
        process.step("refuse")
    assert (process.result.state, stored(world).state) == ("sent", "sent")
    assert ("MailFailed", message_id("order-1")) not in world.told


def test_a_mail_that_ses_put_off_is_not_too_late_because_its_time_has_come():
    world = World()
    assert tried(world, "quota", send_at="2026-11-21T10:00:20Z") == "over quota"
    world.pass_by(900)
    assert tried(world, "take", send_at="2026-11-21T10:00:20Z") == "sent"


def test_a_repeat_that_comes_too_late_does_not_end_a_message_that_waits():
    world = World()
    tried(world, "quota", send_at="2026-11-21T10:00:20Z")
    world.pass_by(900)
    repeat = {"id": "event", "detail": NOTICE | {"send_at": "2026-11-21T10:00:20Z"}}  # put now
    [request] = requests(repeat, world.clock)
    assert request.problem == "send_at has passed"
    assert world.outbox.send(request).state == "over quota"
    assert world.told == []
