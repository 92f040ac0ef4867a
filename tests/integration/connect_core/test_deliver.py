"""Events of a mailbox to its webhook, through the function's own handler, whatever the receiver answers."""

import json
from datetime import timedelta
from itertools import pairwise

import boto3
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lambdas.connect.webhook import FAILED, UNWANTED, Attempt
from lambdas.shared.timestamps import iso
from tests.integration.connect_core.world import START

NO = Attempt(outcome=FAILED, reason="hooks.acme.test answered 500: it is not well", answer="no thx")
SLOW = Attempt(outcome=FAILED, reason="hooks.acme.test answered 429: it does not take this", retry_after=37.0)
STOP = Attempt(outcome=UNWANTED, reason="hooks.acme.test answered 410: it wants no more of them")
HARSH = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def happened(id, mailbox="shop@acme.test", kind="TicketStatusChanged"):
    detail = {"id": id, "ticket": 7, "mailbox": mailbox, "subject": "Zürich\ufffe", "status": "closed"}
    detail |= {"before": "open", "by": "ann", "at": "2026-11-21T12:00:00.000Z"}
    return {"id": "1", "source": "mailroom", "detail-type": kind, "time": "2026-11-21T12:00:00Z", "detail": detail}


def stands():
    return boto3.resource("dynamodb").Table("tickets").get_item(Key={"pk": "DEST#hook", "sk": "DEST"}).get("Item", {})


def pretend(world, minutes=0, **health):
    """As if this had happened some minutes ago."""
    ago = iso(START - timedelta(minutes=minutes))
    given = {"failures": 0, "failing_since": ago, "paused_at": "", "reason": ""} | health
    world.module.table.put_item(Item={"pk": "DEST#hook", "sk": "DEST", "health": given})


@pytest.fixture
def hook(world):
    return world.receivers["hook"]


def test_every_event_of_the_mailbox_is_told_with_all_that_it_says(world, hook):
    world.put(happened("a"), happened("a", kind="TicketClosed"), happened("b", mailbox="support@acme.test"))
    world.run()
    assert [name for name, _ in hook.got] == ["TicketStatusChanged-a", "TicketClosed-a"]
    told = json.loads(hook.got[0][1])
    assert (told["type"], told["timestamp"]) == ("TicketStatusChanged", "2026-11-21T12:00:00Z")
    assert told["data"] == happened("a")["detail"] | {"subject": "Zürich?"}  # what SQS takes
    assert (stands(), world.dead) == ({}, [])  # a success after none of failures writes nothing


def test_each_event_that_names_a_mailbox_is_one_of_those_that_are_told(world, task_root):
    schemas = [json.loads(path.read_bytes()) for path in (task_root / "schemas").glob("*.json")]
    out = [schema for schema in schemas if schema["description"].startswith("Out.")]
    with_mailbox = {schema["title"] for schema in out if "mailbox" in schema["properties"]}
    assert with_mailbox == world.module.EVENTS


def test_what_fails_is_tried_again_after_times_that_grow(world, hook):
    hook.script = [NO] * 5
    world.put(happened("a"))
    world.run()
    seconds = [(at - START).total_seconds() for _, at in hook.tries]
    waits = [round(later - earlier) for earlier, later in pairwise(seconds)]
    assert waits == [5, 30, 120, 300, 900]
    assert {name for name, _ in hook.tries} == {"TicketStatusChanged-a"}
    assert len(hook.got) == 1
    assert stands()["health"] == {"failures": 0, "failing_since": "", "paused_at": "", "reason": ""}


def test_a_receiver_that_is_slow_in_vain_three_times_in_a_row_rests_a_minute(world, hook):
    def slow():
        world.moment += timedelta(seconds=5)

    hook.during, hook.script = slow, [NO] * 3
    world.put(*map(happened, "abcd"))
    for _ in "abcd":
        world.put(world.queued.pop(0)[1])
    assert [name[-1] for name, _ in hook.tries] == ["a", "b", "c"]
    assert world.module.standing.rest("hook", world.moment) == pytest.approx(60, abs=1)
    hook.during = lambda: None
    world.run()
    assert sorted(name[-1] for name, _ in hook.got) == ["a", "b", "c", "d"]
    assert "slow" not in stands()


def test_after_a_day_it_is_given_up_with_the_reason_and_the_answer(world, hook):
    world.module.standing.change_health = lambda *_: None  # no other event suffers
    hook.script = [NO] * 50
    world.put(happened("a"))
    world.run()
    [(body, told)] = world.dead
    assert json.loads(body)["detail"]["event"]["detail"] == happened("a")["detail"] | {"subject": "Zürich?"}
    assert told == {
        "Reason": "hook was tried 13 times since 2026-11-21T12:00:00.000Z, last: hooks.acme.test answered 500: it is "
        "not well",
        "Answer": "no thx",
    }
    assert (hook.tries[-1][1] - hook.tries[0][1]).total_seconds() == pytest.approx(86_400, abs=5)


def test_a_redrive_of_what_was_given_up_tries_once_more(world, hook):
    hook.script = [NO]
    world.put(again(failures=13, first=iso(START - timedelta(days=3))))
    assert len(world.dead) == 1
    world.put(world.dead[0][0])
    assert len(hook.got) == 1


def test_a_pause_does_not_count_for_the_day(world, hook):
    world.module.standing.pause("hook", START, "by ann")
    world.put(again(failures=9, first=iso(START - timedelta(hours=20))))
    world.moment += timedelta(hours=20)
    world.module.standing.resume("hook")
    hook.script = [NO, NO]
    world.run()
    assert (len(hook.tries), len(hook.got), world.dead) == (3, 1, [])


def again(failures=1, first="2026-11-21T12:00:00.000Z", due="", id="a"):
    event = {name: happened(id)[name] for name in ("detail-type", "time", "detail")}
    detail = {"destination": "hook", "event": event, "failures": failures, "first": first, "due": due}
    return {"id": id, "detail-type": "DeliverEvent", "time": iso(START), "detail": detail}


def test_until_it_is_due_it_waits_by_quarters_of_an_hour(world, hook):
    world.put(again(due=iso(START + timedelta(seconds=2000))))
    world.run()
    [(_, at)] = hook.tries
    assert 2000 <= (at - START).total_seconds() <= 2002


def test_how_long_it_asks_to_be_left_alone_holds_for_all_of_its_events(world, hook):
    hook.script = [SLOW]
    world.put(happened("a"), happened("b"))
    world.run()
    first, *rest = [(at - START).total_seconds() for _, at in hook.tries]
    assert first < 1
    assert min(rest) >= 37
    assert len(hook.got) == 2


def test_who_wants_no_more_is_paused_and_gets_all_of_it_after_the_resume(world, hook, caplog):
    hook.script = [STOP]
    world.put(happened("a"), happened("b"))
    for _ in range(4):
        due, body = world.queued.pop(0)
        world.moment = max(due, world.moment)
        world.put(body)
    assert len(hook.tries) == 1
    health = stands()["health"]
    assert health["reason"] == (
        "hooks.acme.test answered 410: it wants no more of them. Then: mailroom connect resume hook"
    )
    assert [record.paused for record in caplog.records if record.message == "standing"] == [1]
    world.module.standing.resume("hook")
    world.run()
    assert sorted(name for name, _ in hook.got) == ["TicketStatusChanged-a", "TicketStatusChanged-b"]
    assert world.dead == []


def test_without_a_secret_it_is_paused_and_says_what_to_do(world, hook, monkeypatch):
    monkeypatch.setattr(world.module.webhooks, "_secret", lambda _arn: {})
    world.put(again())
    assert "hook has none: set one with mailroom connect set hook. Then: mailroom" in stands()["health"]["reason"]
    assert hook.tries == []


def test_many_failures_for_long_pause_it_and_nothing_is_lost(world, hook, caplog):
    pretend(world, minutes=720, failures=9, reason="x")
    hook.script = [NO]
    world.put(again())
    assert stands()["health"]["paused_at"] == "2026-11-21T12:00:00.000Z"
    assert [record.paused for record in caplog.records if record.message == "standing"] == [1]
    world.module.standing.resume("hook")
    world.run()
    assert len(hook.got) == 1


def test_failures_of_two_executions_at_once_are_both_counted(world, hook):
    hook.script = [NO, NO]

    def meanwhile():
        hook.during = lambda: None
        world.put(again(id="b"))

    hook.during = meanwhile
    world.put(again())
    assert stands()["health"]["failures"] == 2
    assert len(world.queued) == 2


def test_a_pause_meanwhile_stays_though_this_try_succeeds(world, hook):
    pretend(world, failures=1)
    hook.during = lambda: world.module.standing.pause("hook", START, "by ann")
    world.put(again())
    assert stands()["health"]["paused_at"] == "2026-11-21T12:00:00.000Z"
    assert len(hook.got) == 1


@HARSH
@example(script=[NO] * 8, deaths=[1, 2])
@example(script=[STOP, SLOW, NO], deaths=[3])
@given(
    script=st.lists(st.sampled_from([NO, SLOW, STOP, Attempt(outcome="delivered")]), max_size=8),
    deaths=st.lists(st.integers(1, 12), max_size=3),
)
def test_whatever_fails_each_event_arrives_under_one_id(world, hook, script, deaths):
    """An operator resumes whatever is paused; deaths befall any call to AWS, of any execution."""
    world.queued.clear()
    hook.got.clear()
    hook.script = list(script)
    bodies = [json.dumps(happened(each)) for each in "ab"]
    world.queued += [(world.moment, body) for body in bodies]
    for death in deaths:
        world.calls, world.dies_at = 0, death
        world.run(most=3, whole=False)
        world.dies_at = None
    for _ in range(20):
        world.module.standing.resume("hook")
        world.run(most=30, whole=False)
    assert {name for name, _ in hook.got} == {"TicketStatusChanged-a", "TicketStatusChanged-b"}
    assert (world.queued, world.dead) == ([], [])


def test_at_each_call_to_aws_a_death_loses_no_event(world, hook):
    for death in range(1, 20):
        hook.script = [NO]
        world.queued.append((world.moment, json.dumps(happened(f"{death}"))))
        world.calls, world.dies_at = 0, death
        world.run()
        died, world.dies_at = world.calls >= death, None
        assert (death, f"TicketStatusChanged-{death}") in {(death, name) for name, _ in hook.got}
        if not died:
            return
    raise AssertionError("it never came to its end")
