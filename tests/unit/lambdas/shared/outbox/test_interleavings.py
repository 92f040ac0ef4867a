"""Every interleaving that a machine can think of: of tries to send the same messages, of what SES does with them, of
crashes between any two requests, and of SES's events; and what must hold in all of them."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.shared.dynamodb import ConditionFailed
from lambdas.shared.messages import message_id, message_of
from lambdas.shared.outbox.outbox import KeyReused
from lambdas.shared.outbox.request import requests
from lambdas.shared.timestamps import iso
from tests.unit.lambdas.shared.outbox.world import CLAIM_SECONDS, FATES, LAMBDA_SECONDS, Process, World

REDELIVERY_SECONDS = 360
SETTLED = {"sent", "refused", "suppressed", "cancelled"}
FINAL_ROUNDS = 200

# What happens next: the name of a method of Story, and its arguments. What matters most comes most.
KEYS = st.sampled_from(["order-1", "order-1", "order-1", "order-2"])
TITLES = st.sampled_from(["Your parcel", "Your parcel", "Your parcel", "Something else"])
WHICH = st.integers(0, 7)
WHAT_SES_DOES = st.sampled_from([*["take", "take and not answer", "quota", "fail"] * 3, "refuse", *FATES])
STEPS = st.sampled_from([1, 2, 3, 4, 4, 5, 6, 7, 100, 100, 100])
SECONDS = st.sampled_from([1, 1, 10, 10, 30, REDELIVERY_SECONDS + 1, CLAIM_SECONDS + 1])
HAPPENINGS = st.one_of(
    st.tuples(st.just("ask"), KEYS, TITLES, st.sampled_from([None, None, None, None, 10, 120])),
    st.tuples(st.just("ask_again"), WHICH),
    st.tuples(st.just("cancel"), KEYS),
    st.tuples(st.just("suppress"), st.sampled_from([False, False, False, False, False, True])),
    *[st.tuples(st.just("start"), WHICH)] * 3,
    *[st.tuples(st.just("go_on"), WHICH, WHAT_SES_DOES, STEPS)] * 9,
    st.tuples(st.just("crash"), WHICH),
    *[st.tuples(st.just("event_comes"), WHICH, st.sampled_from(["Send", "Send", "Delivery"]))] * 2,
    st.tuples(st.just("time_passes"), SECONDS),
    st.just(("time_passes_until_the_queue_delivers",)),
)


@dataclass(kw_only=True)
class Record:
    """In the send queue: the event, and from when on it can be seen."""

    event: dict
    visible_at: datetime


class Story:
    """What is not possible at the moment does not happen."""

    def __init__(self):
        self.world = World()
        self.queue = []
        self.running = []
        self.asked = set()
        self.settled = {}

    # An application asks, asks again, asks for something else with the same key, cancels

    def ask(self, key, title, send_in):
        detail = {"to": "mia@example.org", "template": "notice", "idempotency_key": key, "data": {"title": title}}
        if send_in:
            detail["send_at"] = iso(self.world.clock + timedelta(seconds=send_in))
        self._put({"id": "event", "time": iso(self.world.clock), "detail": detail})

    def ask_again(self, which):
        for body in sorted(self.asked)[which : which + 1]:
            self._put(json.loads(body))

    def _put(self, event):
        self.asked.add(json.dumps(event))
        self.queue.append(Record(event=event, visible_at=self.world.clock))

    def cancel(self, key):
        with suppress(ConditionFailed):
            self.world.outbox.cancel(message_id(key))

    def suppress(self, suppressed):
        self.world.suppressed = {"mia@example.org"} if suppressed else set()

    # The queue starts senders, which go on request by request; a few at a time

    def start(self, which):
        visible = self._visible()
        if visible and len(self.running) < 4:
            record = visible[which % len(visible)]
            record.visible_at = self.world.clock + timedelta(seconds=REDELIVERY_SECONDS)
            self.running.append(Process(lambda: self._send(record), self.world.clock))

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

    def go_on(self, which, fate, steps):
        """A sender, or feedback; one more is started first where the queue has something."""
        if not self.running:
            self.start(which)
        if not self.running:
            return
        process = self.running[which % len(self.running)]
        for _ in range(steps):
            process.step(fate)
            if process.ended:
                self.running.remove(process)
                assert process.error is None or isinstance(process.error, ClientError)  # SES's, which the queue retries
                return

    def crash(self, which):
        if self.running:
            self._kill(self.running[which % len(self.running)])

    def _kill(self, process):
        process.kill()
        self.running.remove(process)

    # SES's events come at any time, in any order, any number of times

    def event_comes(self, which, kind):
        for acceptance in self.world.accepted[which : which + 1]:
            work = partial(self.world.feedback.record, self.world.event(acceptance, kind))
            self.running.append(Process(work, self.world.clock))

    # Time passes; Lambda ends what takes too long, and schedules fire

    def time_passes(self, seconds):
        for process in list(self.running):
            if (self.world.clock - process.started_at).total_seconds() + seconds > LAMBDA_SECONDS:
                self._kill(process)
        self.world.pass_by(seconds)
        for key, (at, body) in list(self.world.schedules.items()):
            if at <= self.world.clock:
                del self.world.schedules[key]
                self.queue.append(Record(event=json.loads(body), visible_at=self.world.clock))

    def time_passes_until_the_queue_delivers(self):
        if self.queue and not self._visible():
            soonest = min(record.visible_at for record in self.queue)
            self.time_passes((soonest - self.world.clock).total_seconds() + 0.5)

    # What must hold

    def check(self):
        self._ses_takes_a_message_again_only_where_its_event_is_later_than_the_claim()
        self._a_settled_message_never_changes_back()

    def _ses_takes_a_message_again_only_where_its_event_is_later_than_the_claim(self):
        assert self.world.knew == []
        for message in {acceptance.message for acceptance in self.world.accepted}:
            taken = [acceptance for acceptance in self.world.accepted if acceptance.message == message]
            for first, second in pairwise(taken):
                assert second.claimed_at > first.claimed_at + timedelta(seconds=CLAIM_SECONDS)

    def _a_settled_message_never_changes_back(self):
        for key, item in self.world.table.items.items():
            state = message_of(item).state
            assert self.settled.get(key, state) == state
            if state in SETTLED:
                self.settled[key] = state

    def nothing_is_lost(self):
        """Once all events have come and all retries have run, with an SES that works."""
        for _ in range(FINAL_ROUNDS):
            while self.running:
                self.go_on(0, "take", 100)
            self._all_events_come()
            self.check()
            if not (self.queue or self.world.schedules):
                break
            self.time_passes(60)
            self.start(0)
        assert (self.queue, self.world.schedules) == ([], {})
        taken = {acceptance.message for acceptance in self.world.accepted}
        for key in {message_id(json.loads(event)["detail"]["idempotency_key"]) for event in self.asked}:
            message = message_of(self.world.table.items[key])
            assert message.state in SETTLED
            assert (message.status == "delivered") == (key in taken)
            if message.state in {"refused", "suppressed"} and key not in taken:
                assert ("MailFailed", key) in self.world.told

    def _all_events_come(self):
        for acceptance in self.world.accepted:
            for kind in ("Delivery", "Send"):
                self.world.feedback.record(self.world.event(acceptance, kind))

    def end(self):
        for process in self.running:
            process.kill()


@given(st.lists(HAPPENINGS, min_size=40, max_size=60))
@settings(max_examples=200, deadline=None)
def test_in_any_interleaving_each_mail_goes_out_as_often_as_asked(happenings):
    story = Story()
    try:
        story.ask("order-1", "Your parcel", None)
        for name, *arguments in happenings:
            getattr(story, name)(*arguments)
            story.check()
        story.nothing_is_lost()
    finally:
        story.end()
