"""Every interleaving that a machine can think of: of tries to send the same messages, of what SES does with them, of
crashes between any two requests, and of SES's events; and what must hold in all of them."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lambdas.shared.dynamodb import ConditionFailed
from lambdas.shared.messages import message_id, message_of
from lambdas.shared.outbox.outbox import KeyReused
from lambdas.shared.outbox.request import requests
from lambdas.shared.timestamps import iso
from tests.unit.lambdas.shared.outbox.world import CLAIM_SECONDS, FATES, LAMBDA_SECONDS, Process, World

KEYS = st.sampled_from(["order-1", "order-2"])
TITLES = st.sampled_from(["Your parcel", "Your parcel", "Your parcel", "Something else"])
NUMBERS = st.integers(0, 100)
SETTLED = {"sent", "refused", "suppressed", "cancelled"}
REDELIVERY_SECONDS = 360
FINAL_ROUNDS = 200


@dataclass(kw_only=True)
class Record:
    """In the send queue: the event, and from when on it can be seen."""

    event: dict
    visible_at: datetime


class Sending(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.world = World()
        self.queue = []
        self.running = {}  # the record (or None) of each process
        self.asked = set()
        self.undelivered = []
        self.settled = {}

    # An application asks, asks again, asks for something else with the same key, cancels

    @rule(key=KEYS, title=TITLES, send_in=st.sampled_from([None, None, 10, 120]))
    def ask(self, key, title, send_in):
        detail = {"to": "mia@example.org", "template": "notice", "idempotency_key": key, "data": {"title": title}}
        if send_in:
            detail["send_at"] = iso(self.world.clock + timedelta(seconds=send_in))
        self._put({"id": "event", "time": iso(self.world.clock), "detail": detail})

    @precondition(lambda self: self.asked)
    @rule(which=NUMBERS)
    def ask_again(self, which):
        bodies = sorted(self.asked)
        self._put(json.loads(bodies[which % len(bodies)]))

    def _put(self, event):
        self.asked.add(json.dumps(event))
        self.queue.append(Record(event=event, visible_at=self.world.clock))

    @rule(key=KEYS)
    def cancel(self, key):
        with suppress(ConditionFailed):
            self.world.outbox.cancel(message_id(key))

    @rule()
    def suppress(self):
        self.world.suppressed ^= {"mia@example.org"}

    # The queue starts senders, which go on request by request

    @precondition(lambda self: self._visible())
    @rule(which=NUMBERS)
    def start(self, which):
        visible = self._visible()
        record = visible[which % len(visible)]
        record.visible_at = self.world.clock + timedelta(seconds=REDELIVERY_SECONDS)
        self.running[Process(lambda: self._send(record), self.world.clock)] = record

    def _visible(self):
        return [record for record in self.queue if record.visible_at <= self.world.clock]

    def _send(self, record):
        [request] = requests(record.event, self.world.clock)
        try:
            outcome = self.world.outbox.send(request)
        except KeyReused:
            outcome = None  # dead-lettered with this reason
        if outcome and outcome.again_in:
            again = self.world.clock + timedelta(seconds=outcome.again_in)
            self.queue.append(Record(event=record.event, visible_at=again))
        self.queue.remove(record)

    @precondition(lambda self: self.running)
    @rule(which=NUMBERS, fate=st.sampled_from(FATES), steps=st.integers(1, 8))
    def go_on(self, which, fate, steps):
        process = list(self.running)[which % len(self.running)]
        for _ in range(steps):
            process.step(fate)
            if process.ended:
                del self.running[process]
                assert process.error is None or isinstance(process.error, ClientError)  # SES's, which the queue retries
                return

    @precondition(lambda self: self.running)
    @rule(which=NUMBERS)
    def crash(self, which):
        self._kill(list(self.running)[which % len(self.running)])

    def _kill(self, process):
        process.kill()
        del self.running[process]

    # SES's events come at any time, in any order, any number of times

    @precondition(lambda self: self.world.accepted)
    @rule(which=NUMBERS, kind=st.sampled_from(["Send", "Send", "Delivery"]))
    def event_comes(self, which, kind):
        acceptance = self.world.accepted[which % len(self.world.accepted)]
        event = self.world.event(acceptance, kind)
        self.running[Process(lambda: self.world.feedback.record(event), self.world.clock)] = None

    # Time passes; Lambda ends what takes too long, and schedules fire

    @rule(seconds=st.sampled_from([1, 30, REDELIVERY_SECONDS, CLAIM_SECONDS, CLAIM_SECONDS + 1, 3600]))
    def time_passes(self, seconds):
        for process in list(self.running):
            if (self.world.clock - process.started_at).total_seconds() + seconds > LAMBDA_SECONDS:
                self._kill(process)
        self.world.pass_by(seconds)
        for key, (at, body) in list(self.world.schedules.items()):
            if at <= self.world.clock:
                del self.world.schedules[key]
                self.queue.append(Record(event=json.loads(body), visible_at=self.world.clock))

    @invariant()
    def ses_takes_a_message_again_only_where_its_event_is_later_than_the_claim(self):
        assert self.world.knew == []
        for message in {acceptance.message for acceptance in self.world.accepted}:
            taken = [acceptance for acceptance in self.world.accepted if acceptance.message == message]
            for first, second in pairwise(taken):
                assert second.claimed_at > first.claimed_at + timedelta(seconds=CLAIM_SECONDS)

    @invariant()
    def a_settled_message_never_changes_back(self):
        for key, item in self.world.table.items.items():
            state = message_of(item).state
            assert self.settled.get(key, state) == state
            if state in SETTLED:
                self.settled[key] = state

    def teardown(self):
        try:
            self._nothing_is_lost()
        finally:
            for process in self.running:
                process.kill()

    def _nothing_is_lost(self):
        """Once all events have come and all retries have run, with an SES that works."""
        for _ in range(FINAL_ROUNDS):
            for process in list(self.running):
                self.go_on(list(self.running).index(process), "take", 100)
            self._all_events_come()
            if not (self.queue or self.world.schedules):
                break
            self.time_passes(60)
            for record in self._visible():
                self.start(self._visible().index(record))
            self.ses_takes_a_message_again_only_where_its_event_is_later_than_the_claim()
            self.a_settled_message_never_changes_back()
        assert (self.queue, self.world.schedules) == ([], {})
        taken = {acceptance.message for acceptance in self.world.accepted}
        for key in {message_id(json.loads(event)["detail"]["idempotency_key"]) for event in self.asked}:
            message = message_of(self.world.table.items[key])
            assert message.state in SETTLED
            assert (message.status == "delivered") == (key in taken)
            if message.state in {"refused", "suppressed"}:
                assert ("MailFailed", key) in self.world.told

    def _all_events_come(self):
        for acceptance in self.world.accepted:
            for kind in ("Delivery", "Send"):
                self.world.feedback.record(self.world.event(acceptance, kind))


Sending.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestSending = Sending.TestCase


# What such interleavings once did wrong, or may do by design, one by one

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
