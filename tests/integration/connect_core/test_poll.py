"""What is asked of ticket systems every five minutes, and on their owner's word, through the function's own handler."""

import json
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from lambdas.connect.remote import NotAllowed, Refused, TooMany, Unavailable
from tests.integration.connect_core.conftest import sync
from tests.integration.connect_core.world import START, Context

TICK = {"id": "t", "detail-type": "PollDestinations", "time": "2026-11-21T12:00:00Z", "detail": {}}


@pytest.fixture
def jira(world):
    return world.remotes["jira"]


def poll(name="jira"):
    return TICK | {"detail-type": "PollDestination", "detail": {"destination": name}}


def asked(world):
    """What the function asked of itself; it is taken away."""
    commands = [json.loads(body) for _, body in world.queued]
    world.queued.clear()
    return [(command["detail-type"], *command["detail"].values()) for command in commands]


def stands(name="jira"):
    return boto3.resource("dynamodb").Table("tickets").get_item(Key={"pk": f"DEST#{name}", "sk": "DEST"})["Item"]


def since(remote):
    return [START - when for when in remote.asked_since]


def test_each_ticket_system_that_may_be_asked_is_polled_and_all_are_told_of(world, caplog):
    world.module.standing.pause("other", START, "by ann")
    world.module.standing.wait("zen", START, 37)
    caplog.clear()
    world.put(TICK)
    assert asked(world) == [("PollDestination", "jira")]
    told = [(record.destination, record.paused) for record in caplog.records if record.message == "standing"]
    assert told == [("jira", 0), ("zen", 0), ("other", 1), ("hook", 0)]


def test_what_was_touched_since_the_last_poll_began_is_pulled(world, jira):
    jira.touched = [["100", "101"], []]
    world.put(poll())
    assert asked(world) == [("PullTicket", "jira", "100"), ("PullTicket", "jira", "101")]
    world.moment += timedelta(minutes=5)
    world.put(poll())
    # Their index may lag by 60 s, and clocks differ by 30; the first poll looks back an hour beside.
    assert since(jira) == [timedelta(hours=1, seconds=90), timedelta(seconds=90)]
    assert stands()["polled"] == "2026-11-21T12:05:00.000Z"


@pytest.mark.parametrize("failure", [Unavailable("not well"), TooMany(37)])
def test_after_a_poll_that_failed_the_next_asks_since_the_same_moment(world, jira, failure):
    jira.touched = [[], failure, []]
    for _ in range(3):
        world.put(poll())
        world.moment += timedelta(minutes=5)
    assert since(jira) == [timedelta(hours=1, seconds=90), timedelta(seconds=90), timedelta(seconds=90)]
    assert (asked(world), world.dead) == ([], [])  # no copies of polls pile up


def test_what_one_poll_has_no_time_for_is_told_of(world, jira):
    jira.touched = [["100", "..."]]
    world.put(poll())
    [(_, told)] = world.dead
    assert told["Reason"] == (
        "more was touched in jira since 2026-11-21T11:00:00.000Z than one poll has time for: the last 2 tickets are "
        "looked at, any other by mailroom connect resync TICKET"
    )
    assert stands()["polled"] == "2026-11-21T12:00:00.000Z"
    assert asked(world)[0] == ("PullTicket", "jira", "100")


def test_a_429_at_a_poll_is_obeyed_by_everything_that_goes_there(world, jira, opened):
    number = opened()
    jira.touched = [TooMany(37)]
    world.put(poll(), sync(number))
    world.put(poll())
    assert len(jira.asked_since) == 1
    world.run()
    assert (min(jira.made_at.values()) - START).total_seconds() >= 37


def test_who_does_not_let_us_look_is_paused_and_not_polled(world, jira):
    jira.touched = [NotAllowed("the API token is wrong")]
    world.put(poll(), poll())
    assert stands()["health"]["reason"] == "the API token is wrong. Then: mailroom connect resume jira"
    assert (len(jira.asked_since), asked(world)) == (1, [])


def test_before_its_secret_is_set_a_destination_is_not_polled_and_not_paused(world, jira, monkeypatch):
    monkeypatch.setattr(world.module.remotes, "_secret", lambda _arn: {})
    world.put(poll())
    assert world.module.standing.state("jira").health.paused_at == ""
    assert (jira.asked_since, asked(world), world.dead) == ([], [], [])


def test_a_poll_that_is_refused_is_dead_lettered_with_request_and_answer(world, jira):
    jira.touched = [Refused("answered 400: no such label", "GET /search", '{"no": 1}')]
    world.put(poll())
    [(_, told)] = world.dead
    assert told == {
        "Reason": "jira refused: answered 400: no such label",
        "Request": "GET /search",
        "Answer": '{"no": 1}',
    }


def test_another_token_that_was_set_meanwhile_is_used_before_anything_is_paused(world, jira, opened):
    number = opened()
    world.put(sync(opened()))
    held = {"email": "m@acme.test", "token": "another"}
    boto3.client("secretsmanager").put_secret_value(SecretId="there", SecretString=json.dumps(held))
    jira.script = [NotAllowed("the API token is wrong")]
    world.put(sync(number))
    assert len(jira.tickets) == 1
    world.run()
    assert len(jira.tickets) == 2
    assert "Item" not in boto3.resource("dynamodb").Table("tickets").get_item(Key={"pk": "DEST#jira", "sk": "DEST"})


def test_at_each_call_to_aws_a_death_pulls_all_or_asks_again(world, jira):
    world.put(poll())
    for death in range(1, 20):
        world.moment += timedelta(minutes=5)
        before, pulled = stands()["polled"], set()
        jira.touched, jira.asked_since = [["100", "101"]] * 2, []
        world.calls, world.dies_at = 0, death
        died = world.put(poll())
        world.dies_at = None
        pulled |= {told[-1] for told in asked(world)}
        if stands()["polled"] == before:
            world.put(poll())
            pulled |= {told[-1] for told in asked(world)}
            assert len(set(jira.asked_since)) == 1 or len(jira.asked_since) < 2
        assert (death, pulled) == (death, {"100", "101"})
        if not died:
            return
    raise AssertionError("it never came to its end")


def test_a_poll_that_ends_late_does_not_put_back_the_time(world):
    world.module.standing.poll_began("jira", "2026-11-21T12:05:00.000Z")
    world.put(poll())
    assert stands()["polled"] == "2026-11-21T12:05:00.000Z"


def check(world, name):
    return world.module.handler({"check": name}, Context())


def test_a_check_says_what_is_wrong_in_words(world, jira, monkeypatch):
    jira.script = [NotAllowed("the account lacks a permission")]
    assert check(world, "jira") == {"wrong": ["the account lacks a permission"]}
    jira.script = [TooMany(37)]
    assert check(world, "jira") == {"wrong": ["asked too often; not again for 37 s"]}
    assert check(world, "jira") == check(world, "hook") == {"wrong": []}
    assert check(world, "nowhere") == {"wrong": ["there is no destination nowhere in the settings"]}
    monkeypatch.setattr(world.module.remotes, "_secret", lambda _arn: {"token": "hush"})
    assert check(world, "jira") == {
        "wrong": ["the secret of jira has no e-mail address and token: set them with mailroom connect set jira"]
    }


def test_a_secret_that_was_made_and_never_filled_holds_nothing(world):
    client = boto3.client("secretsmanager")
    read = world.module.remotes._secret
    assert read(client.create_secret(Name="empty")["ARN"]) == {}
    assert read(client.create_secret(Name="odd", SecretString="hush")["ARN"]) == {}
    assert read(client.create_secret(Name="list", SecretString="[]")["ARN"]) == {}


def test_what_one_execution_heard_of_too_often_holds_before_each_request_of_the_others(world):
    module, settings = world.module, {"site": "acme", "project": "SUP", "issue_type": "Task"}
    there = replace(module.destinations["jira"], settings=settings)
    remote = module.systems["jira"](there, {"email": "m@acme.test", "token": "secret-token"})
    module.standing.wait("jira", module.now(), 600)
    with pytest.raises(TooMany) as caught:
        remote.status("7")
    assert 590 < caught.value.seconds <= 600.01
