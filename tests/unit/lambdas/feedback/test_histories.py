"""Whatever happens to a mail, and in whatever order, how often and beside what its events are handled, and wherever a
handler dies: the message and the recipient end as if each event had come once, in order, by itself."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.feedback import record
from lambdas.feedback.ses_event import happened
from lambdas.shared.dynamodb import ConditionFailed
from lambdas.shared.recipients import PREFIX
from lambdas.shared.timestamps import iso
from tests.unit.lambdas.feedback.events import event
from tests.unit.lambdas.feedback.world import World
from tests.unit.lambdas.shared.outbox.world import Process, stop_before

SENT_AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
BOUNCES = [
    *(("Transient", "MailboxFull"), ("Transient", "ContentRejected"), ("Undetermined", "Undetermined")) * 6,
    *(("Transient", "General"), ("Permanent", "NoEmail"), ("Permanent", "General")),
    *(("Permanent", "OnAccountSuppressionList"), ("Permanent", "EmailValidationSuppressed")),
]
COMPLAINTS = ["abuse", "not-spam", None]
# Files of tests/events, some of them often.
ANY = [
    *["bounce-transient"] * 6,
    *["complaint-marketing", "open", "click", "delivery-delay", "send", "delivery"] * 2,
    *["reject", "rendering-failure", "subscription", "unknown-kind"],
]
COMING_BACK = ["bounce-transient", "bounce-transient", "bounce-transient", "complaint-marketing"]
FEW = {"delivery", "send", "reject", "rendering-failure"}  # which SES says once of a mail
MAILS = st.sampled_from(["m1", "m1", "m2", None])  # None: another application's
CHANGES = {
    "bounce-transient": lambda n: dict(zip(("bounceType", "bounceSubType"), BOUNCES[n % len(BOUNCES)], strict=True)),
    "complaint-marketing": lambda n: {"complaintFeedbackType": COMPLAINTS[n % 3]},
    "open": lambda n: {"isBotEvent": ["Likely", "Unlikely"][n % 2]},
    "click": lambda n: {"link": f"https://www.acme.test/{n % 3}"},
}
IDENTITY = {"bounce-transient": "Bounce", "complaint-marketing": "Complaint", "delivery": "Delivery"}


@st.composite
def histories(draw):
    """Some events of three mails to one recipient, within some days: as the API publishes them, or an identity."""
    names, most, days = draw(st.sampled_from([(ANY, 14, 40), (COMING_BACK, 5, 2)]))
    kinds = st.tuples(st.sampled_from(names), MAILS, st.integers(0, days * 24), st.integers(0, 999))
    events = [made(number, *kind) for number, kind in enumerate(draw(st.lists(kinds, min_size=3, max_size=most)))]
    return list({happened(one).happening.key + one["mail"]["messageId"]: one for one in events}.values())


def made(number, name, mail, hours, variant):
    at = iso(SENT_AT + timedelta(hours=0 if name in FEW else hours, seconds=variant % 7))
    changes = {"timestamp": at, "feedbackId": f"fb{number}"} | CHANGES.get(name, lambda _: {})(variant)
    one = event(name, **changes)
    one["mail"]["messageId"] = f"ses-{mail}"
    one["mail"]["tags"]["mailroom-message"] = [mail]
    one["mail"]["tags"]["mailroom-stream"] = ["transactional" if mail == "m2" else "marketing"]
    if mail is None:
        one["mail"]["tags"] = {}
        if name in IDENTITY and variant % 2:
            one["notificationType"] = one.pop("eventType")
            del one["mail"]["tags"]
    return one


def world(*, settled, before=lambda _what: None):
    """With m1 settled, or claimed by a try of which nothing was heard again; m2 is claimed."""
    made = World(before)
    for name in ("m1", "m2"):
        made.messages.items[name] = {"id": name, "state": "claimed", "recipient": "mia@example.org"}
    if settled:
        made.sent(ses_id="ses-m1")
    return made


def ends(world):
    """Recipients without their place in the list, which is theirs who wrote last."""
    recipients = {key: {**item, "listed": "", "listed_at": ""} for key, item in world.recipients.items.items()}
    return world.messages.items, recipients


@given(histories(), st.booleans(), st.data())
@settings(max_examples=250, deadline=None)
def test_any_order_repetition_interleaving_and_crash_ends_in_the_same(history, settled, data):
    expected = world(settled=settled)
    for one in history:
        expected.record(one)
    found = world(settled=settled, before=stop_before)
    again = data.draw(st.lists(st.sampled_from(history), max_size=6))
    waiting, running = data.draw(st.permutations([*history, *again])), []
    for action, which in data.draw(st.lists(st.tuples(ACTIONS, st.integers(0, 2)), min_size=20, max_size=60)):
        action(found, waiting, running, which)
    while waiting or running:
        go_on(found, waiting, running, 0)
    assert ends(found) == ends(expected)
    assert all_was_told(found, history)


def go_on(world, waiting, running, which):
    """A function does its next step; one more is started first if none is under way."""
    if not running:
        start(world, waiting, running, which)
    for one, process in running[which : which + 1]:
        process.step()
        if process.ended:
            running.remove((one, process))
            assert process.error is None or isinstance(process.error, ConditionFailed)
            waiting.extend([one] if process.error else [])


def start(world, waiting, running, _which):
    if waiting and len(running) < 3:
        one = waiting.pop()
        running.append((one, Process(lambda: world.feedback.record(happened(one)), SENT_AT)))


def die(_world, waiting, running, which):
    """The queue delivers its event again."""
    for one, process in running[which : which + 1]:
        process.kill()
        running.remove((one, process))
        waiting.insert(0, one)


ACTIONS = st.sampled_from([start, start, start, go_on, go_on, go_on, go_on, go_on, die])


def all_was_told(world, history):
    """Each bounce and complaint, and each suppression of a scope."""
    told = {detail["id"] for _, detail in world.told}
    keys = {happened(one).happening.key for one in history}
    wanted = {key for key in keys if key.partition("#")[0] in {"Bounce", "Complaint"}}
    scopes = {detail["scope"] for kind, detail in world.told if kind == "RecipientSuppressed"}
    stopped = {name.removeprefix(PREFIX) for item in world.recipients.items.values() for name in item if PREFIX in name}
    return all(any(one.endswith(key) for one in told) for key in wanted) and stopped <= scopes


@given(st.permutations(["delivery", "delivery", "delivery-delay", "delivery-delay"]), st.randoms())
@settings(max_examples=20, deadline=None)
def test_of_a_mail_to_several_each_recipients_delivery_is_kept_whatever_order_they_come_in(names, random):
    """Another application's: ours have one recipient."""
    events = [made(number, name, None, 1, 0) for number, name in enumerate(names)]
    for number, one in enumerate(events):
        address = f"r{number}@example.org"
        one["mail"]["destination"] = [f"r{each}@example.org" for each in range(4)]
        one.get("delivery", {}).update(recipients=[address], smtpResponse=f"250 for {number}")
        one.get("deliveryDelay", {}).update(delayedRecipients=[{"emailAddress": address, "status": f"4.{number}.0"}])
    items = []
    for order in (events, random.sample(events, len(events)) * 2):
        told = World()
        for one in order:
            told.record(one)
        items.append(told.messages.items["ses-ses-None"])
    assert items[0] == items[1]
    assert sum(name.startswith("event#Delivery") for name in items[0]) == 4


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=12, unique=True), st.randoms())
@settings(max_examples=60, deadline=None)
def test_of_a_flood_of_opens_the_earliest_are_kept_whatever_order_they_come_in(opens, random):
    events = [
        event("open", timestamp=iso(SENT_AT + timedelta(minutes=at)), isBotEvent="Likely" if bot else "Unlikely")
        for at, bot in opens
    ]
    kept = record.KEPT
    record.KEPT = 3
    try:
        items = []
        for order in (sorted(events, key=str), random.sample(events, len(events)) * 2):
            world = World()
            for one in order:
                world.record(one)
            items.append(world.messages.items["m1"])
    finally:
        record.KEPT = kept
    assert items[0] == items[1]
    people = sorted(at for at, bot in opens if not bot)[:3]
    seen = [value for value in items[0].values() if "kind" in value and value["facts"]["bot"] == "Unlikely"]
    assert sorted(one["at"] for one in seen) == [iso(SENT_AT + timedelta(minutes=at)) for at in people]
