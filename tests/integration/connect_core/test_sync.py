"""Our tickets elsewhere, through the function's own handler, whatever fails there or here."""

import json
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lambdas.connect.remote import Gone, NotAllowed, Refused, Unavailable, Unknown
from lambdas.connect.sync import marker
from lambdas.shared.tickets.ticket import Attachment
from tests.integration.connect_core.conftest import add, pull, said, sync, there

WORDS = ["Word 1", "Word 2", "Word 3"]
HARSH = settings(
    max_examples=7, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def event(number, mailbox="support@acme.test"):
    detail = {"id": "e-1", "ticket": number, "mailbox": mailbox, "subject": "Parcel", "status": "solved"}
    more = {"before": "open", "by": "ann", "at": "2026-11-21T12:00:00.000Z"}
    event = {"id": "1", "source": "mailroom", "detail-type": "TicketStatusChanged", "time": "2026-11-21T12:00:00Z"}
    return event | {"detail": detail | more}


def test_a_ticket_is_made_once_with_its_messages_public_or_internal_as_they_are(world, opened):
    number = opened(4)
    world.put(event(number))
    assert [json.loads(body)["detail"]["destination"] for _, body in world.queued] == ["jira", "zen"]
    world.run()
    for name in ("jira", "zen"):
        assert there(world, number, name) == [WORDS]
        [ticket] = world.remotes[name].tickets.values()
        assert (ticket.opening.subject, ticket.opening.text) == ("Parcel", "Word 0\n\n> Your parcel")
        assert (ticket.opening.requester_name, ticket.opening.requester_email) == ("Mia", "mia@example.org")
        assert [comment.public for comment in ticket.comments] == [True, False, True]
        assert ticket.comments[2].text == "Mia <mia@example.org> wrote:\n\nWord 3"
        assert ticket.status == "open"
    assert (world.remotes["other"].tickets, world.dead, world.to_tickets) == ({}, [], [])


def test_an_event_that_comes_again_changes_nothing(world, opened):
    number = opened(3)
    for _ in range(3):
        world.put(sync(number))
        world.put(event(number))
        world.run()
    assert there(world, number) == [["Word 1", "Word 2"]]


def test_what_comes_later_is_brought_later_and_the_status_too(world, opened):
    number = opened(2)
    world.put(sync(number))
    add(world, number, said(number, 2), status="solved")
    world.put(sync(number))
    assert there(world, number) == [["Word 1", "Word 2"]]
    assert next(iter(world.remotes["jira"].tickets.values())).status == "solved"


words = st.lists(st.sampled_from(["ok", "before", "after", "503", "429"]), max_size=10)


@HARSH
@example(script=["after"] * 9, deaths=[])
@example(script=["before"] * 9, deaths=[])
@given(script=words, deaths=st.lists(st.integers(1, 40), max_size=2))
def test_whatever_fails_one_ticket_is_made_and_each_message_once_in_order(world, opened, script, deaths):
    """A death at any call to AWS, and any failure of theirs, several of each."""
    number = opened(3)
    world.remotes["jira"].script = list(script)
    world.queued.clear()
    world.put(event(number))
    for death in deaths:
        world.calls, world.dies_at = 0, death
        body = json.dumps(sync(number))
        if world.put(body):
            world.queued.append((world.moment, body))
        world.dies_at = None
    world.run()
    assert there(world, number) == there(world, number, "zen") == [WORDS[:2]]
    assert world.dead == []


def test_at_each_call_to_aws_a_death_leaves_one_ticket_with_each_message_once(world, opened):
    for death in range(1, 60):
        number = opened(2)
        world.calls, world.dies_at = 0, death
        died = world.put(sync(number))
        world.dies_at = None
        world.queued.append((world.moment, json.dumps(sync(number))))
        world.run()
        assert (death, there(world, number)) == (death, [["Word 1"]])
        if not died:
            return
    raise AssertionError("it never came to its end")


def test_two_executions_never_work_on_one_link(world, opened):
    number = opened(3)
    met = []

    def meanwhile():
        world.remotes["jira"].during = lambda: None
        before = len(world.queued)
        assert world.put(sync(number)) == []
        met.append([json.loads(body) for _, body in world.queued[before:]])

    world.remotes["jira"].during = meanwhile
    world.put(sync(number))
    assert met == [[sync(number)]]  # put back, and nothing done
    assert there(world, number) == [["Word 1", "Word 2"]]


def test_a_lease_ends_by_itself(world, opened, links):
    number = opened(2)
    links.take(number, "jira", "a dead one", "2026-11-21T11:00:00.000Z", "2026-11-21T12:10:00.000Z")
    world.put(sync(number))
    assert there(world, number) == []
    world.run()
    assert there(world, number) == [["Word 1"]]
    assert world.moment.isoformat() >= "2026-11-21T12:10"


@pytest.mark.parametrize("answer", ["429", Unavailable("503", seconds=37), Unknown("taken, then 429", seconds=37)])
def test_retry_after_is_obeyed_to_the_second_and_by_this_destination_alone(world, opened, answer):
    first, second = opened(2), opened(2)
    world.remotes["jira"].script = [answer]
    world.put(sync(first), sync(second), sync(second, "zen"))
    assert there(world, second, "zen") == [["Word 1"]]
    assert world.remotes["jira"].tickets == {}
    begun = world.moment
    waiting = sorted((due - begun).total_seconds() for due, body in world.queued if "zen" not in body)
    assert waiting[0] == 37
    assert waiting[1] <= 38
    world.run()
    made = world.remotes["jira"].made_at.values()
    assert (min(made) - begun).total_seconds() >= 37
    assert there(world, first) == there(world, second) == [["Word 1"]]


def test_who_is_slow_in_vain_three_times_in_a_row_rests_and_no_other(world, opened):
    numbers = [opened() for _ in range(6)]
    there = world.remotes["jira"]
    late = Unknown("no whole answer")
    late.took = 20.0
    there.script = [late] * 2 + ["ok"] * 2 + [late, "before", late]
    for number in numbers:
        world.put(sync(number))
    assert world.module.standing.state("jira").wait_until == ""
    assert len(there.tickets) == 1
    world.moment += timedelta(minutes=3)
    there.script = [late]
    world.put(sync(numbers[0]))
    asked = len(there.log)
    world.put(sync(numbers[1]), sync(numbers[1], "zen"))
    assert (world.module.standing.rest("jira", world.moment), len(there.log)) == (pytest.approx(60, abs=1), asked)
    assert len(world.remotes["zen"].tickets) == 1
    world.run()
    assert (len(there.tickets), world.module.standing.state("jira").slow, world.dead) == (6, 0, [])


def test_who_is_not_allowed_is_paused_and_told_what_to_do(world, opened):
    number, second = opened(), opened()
    world.remotes["jira"].script = [NotAllowed("the API token is wrong")]
    world.put(sync(number), sync(second), sync(number, "zen"))
    assert there(world, number, "zen") == [[]]
    item = boto3.resource("dynamodb").Table("tickets").get_item(Key={"pk": "DEST#jira", "sk": "DEST"})["Item"]
    assert item["health"]["reason"] == "the API token is wrong. Then: mailroom connect resume jira"
    assert item["health"]["paused_at"] == "2026-11-21T12:00:00.000Z"
    assert (there(world, number), there(world, second), world.dead) == ([], [], [])


def test_a_secret_that_nobody_filled_pauses(world, opened, monkeypatch):
    monkeypatch.setattr(world.module.remotes, "_secret", lambda _arn: {})
    number = opened()
    world.put(sync(number))
    item = boto3.resource("dynamodb").Table("tickets").get_item(Key={"pk": "DEST#jira", "sk": "DEST"})["Item"]
    assert "set them with mailroom connect set jira" in item["health"]["reason"]


def test_a_ticket_deleted_there_is_told_of_once(world, opened):
    number = opened(2)
    world.put(sync(number))
    add(world, number, said(number, 2))
    world.remotes["jira"].script = [Gone("the issue was deleted")]
    for _ in range(3):
        world.put(sync(number))
    [note] = [json.loads(body) for body in world.to_tickets]
    assert (note["id"], note["detail-type"], note["detail"]["ticket"]) == ("jira-gone-100", "NoteTicket", number)
    assert "the issue was deleted" in note["detail"]["text"]
    world.module.schemas.check("NoteTicket", note["detail"])


def test_what_an_agent_did_to_a_new_ticket_is_not_undone_by_a_comment(world, opened):
    number = opened()
    add(world, number, said(number, 1, kind="change"), status="new")
    world.put(sync(number))
    [(remote, counterpart)] = world.remotes["jira"].tickets.items()
    counterpart.status = "pending"  # of which nobody has told us yet
    add(world, number, said(number, 3))
    world.remotes["jira"].set_status = lambda *_asked: pytest.fail("written")
    world.put(sync(number), pull(remote))
    assert there(world, number) == [["Word 3"]]
    [command] = [json.loads(body) for body in world.to_tickets]
    assert (command["detail-type"], command["detail"]["status"]) == ("ChangeTicket", "pending")


def test_an_erased_ticket_leaves_nothing_and_is_not_made_again(world, opened):
    number = opened(2)
    world.put(sync(number))
    tickets = world.module.work.tickets
    tickets.erase(tickets.get(number))
    world.put(sync(number))
    left = boto3.resource("dynamodb").Table("tickets").scan()["Items"]
    assert left == []
    assert there(world, number) == [["Word 1"]]


def test_files_go_along_and_one_that_is_no_longer_kept_is_refused(world, opened):
    number = opened()
    boto3.client("s3").put_object(Bucket="mail", Key="attachments/a/0", Body=b"%PDF")
    kept, lost = (
        Attachment(filename="a.pdf", content_type="application/pdf", size=4, key=f"attachments/a/{n}") for n in range(2)
    )
    seen = []
    remote = world.remotes["jira"]
    write = remote.comment
    remote.comment = lambda to, comment: seen.append(comment.attachments) or write(to, comment)
    add(world, number, said(number, 1, attachments=(kept, lost)))
    world.put(sync(number))
    [(first, second)] = seen
    assert first.read() == b"%PDF"
    with pytest.raises(Refused, match="no longer kept"):
        second.read()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"detail-type": "BurnTicket"}, "nothing that a destination is told of: 'BurnTicket'"),
        (sync(1, "nowhere"), "there is no destination nowhere of kind jira or zendesk in the settings"),
        (sync(1, "hook"), "there is no destination hook of kind jira or zendesk in the settings"),
        (sync(0), "SyncTicket: detail.ticket must be bigger than or equal to 1"),
    ],
)
def test_what_nobody_can_do_is_dead_lettered(world, body, reason):
    world.put(body)
    assert [told for _, told in world.dead] == [{"Reason": reason}]


def test_no_other_ticket_has_the_marker_which_does_not_give_its_secret_away(world, opened):
    """The marker comes of the ticket's secret: another stage's ticket of this number has another."""
    number = opened()
    ticket = world.module.work.tickets.get(number)
    assert marker(ticket) != marker(replace(ticket, token="another"))
    assert ticket.token not in marker(ticket)
