"""What agents elsewhere write and change, through the function's own handler and that of `tickets`."""

import json
from datetime import timedelta

import pytest

from lambdas.connect.remote import RemoteFile, TooMany
from tests.integration.connect_core.conftest import add, pull, said, sync
from tests.integration.records import batch


@pytest.fixture
def linked(world, opened):
    """A ticket with one message, brought there: (its number, the id there)."""
    number = opened()
    world.put(sync(number))
    world.run()
    assert world.to_tickets == []
    return number, next(iter(world.remotes["jira"].tickets))


def asked(world):
    """The commands for `tickets`, each of which fits its schema; they are taken away."""
    commands = [json.loads(body) for body in world.to_tickets]
    world.to_tickets.clear()
    for command in commands:
        world.module.schemas.check(command["detail-type"], command["detail"])
    return commands


def brief(commands):
    return [(c["id"], c["detail-type"], c["detail"].get("text", c["detail"].get("status"))) for c in commands]


def test_a_public_comment_answers_and_an_internal_one_is_a_note(world, linked):
    number, remote = linked
    there = world.remotes["jira"]
    public, internal = there.says(remote, "It left."), there.says(remote, "Lazy depot.", public=False)
    there.tickets[remote].status = "new"
    world.put(pull(remote))
    first, second = commands = asked(world)
    assert brief(commands) == [
        (f"jira-{public}", "AnswerTicket", "It left."),
        (f"jira-{internal}", "NoteTicket", "Lazy depot."),
    ]
    assert (first["time"], first["detail"]["by"], first["detail"]["ticket"]) == (
        "2026-11-21T11:00:00.000Z",
        "Jo (jira)",
        number,
    )
    assert second["time"] == "2026-11-21T11:00:00.000Z"


def test_what_was_pulled_is_not_pulled_again(world, linked):
    _, remote = linked
    world.remotes["jira"].says(remote, "It left.")
    for _ in range(3):
        world.put(pull(remote))
    assert [kind for _, kind, _ in brief(asked(world))] == ["AnswerTicket"]


def test_what_we_wrote_is_never_pulled_even_before_we_know_that_we_did(world, linked):
    number, remote = linked
    add(world, number, said(number, 1))
    world.remotes["jira"].script = ["after"]
    world.put(sync(number))
    world.put(pull(remote))
    world.run()
    assert [comment.marker is None for comment in world.remotes["jira"].tickets[remote].comments] == [False]
    assert asked(world) == []


def test_a_change_of_status_there_is_one_here_and_no_echo_goes_back(world, linked):
    number, remote = linked
    there = world.remotes["jira"].tickets[remote]
    there.status = "solved"
    world.put(pull(remote))
    world.put(sync(number))  # before ours has changed
    assert there.status == "solved"
    [command] = asked(world)
    assert (command["detail-type"], command["detail"]) == (
        "ChangeTicket",
        {"ticket": number, "by": "jira", "status": "solved"},
    )
    add(world, number, said(number, 1, kind="change"), status="solved")
    world.remotes["jira"].script = [AssertionError("written")]
    world.put(sync(number), pull(remote))
    assert (asked(world), there.status, len(world.remotes["jira"].script)) == ([], "solved", 1)


def test_an_answer_that_solves_is_one_command(world, linked):
    _, remote = linked
    world.remotes["jira"].says(remote, "Done.")
    world.remotes["jira"].tickets[remote].status = "solved"
    world.put(pull(remote))
    [command] = asked(world)
    assert (command["detail-type"], command["detail"]["status"]) == ("AnswerTicket", "solved")


def test_an_answer_to_what_is_solved_leaves_it_solved(world, linked):
    number, remote = linked
    add(world, number, said(number, 1, kind="change"), status="solved")
    world.put(sync(number))
    world.remotes["jira"].says(remote, "You are welcome.")
    world.put(pull(remote))
    [command] = asked(world)
    assert (command["detail-type"], command["detail"]["status"]) == ("AnswerTicket", "solved")


def test_an_answer_to_what_was_reopened_here_meanwhile_does_not_solve_it(world, linked):
    number, remote = linked
    add(world, number, said(number, 1, kind="change"), status="solved")
    world.put(sync(number))
    add(world, number, said(number, 3), status="open")
    world.remotes["jira"].says(remote, "You are welcome.")
    world.put(pull(remote))
    [command] = asked(world)
    assert (command["detail-type"], "status" in command["detail"]) == ("AnswerTicket", False)


def test_what_an_agent_does_after_an_answer_is_not_undone_by_what_the_answer_did(world, linked):
    number, remote = linked
    answered = world.remotes["jira"].says(remote, "It left.")
    world.put(pull(remote))
    asked(world)
    world.remotes["jira"].tickets[remote].status = "solved"
    reply = {"id": f"jira-{answered}", "before": "open", "after": "pending"}
    add(world, number, said(number, 1, **reply), status="pending")
    world.put(sync(number))
    world.run()
    assert world.remotes["jira"].tickets[remote].status == "solved"
    assert [kind[1:] for kind in brief(asked(world))] == [("ChangeTicket", "solved")]


def test_our_own_status_goes_first(world, linked):
    number, remote = linked
    add(world, number, said(number, 1, kind="change"), status="solved")
    world.put(pull(remote))
    assert asked(world) == []
    world.run()
    assert world.remotes["jira"].tickets[remote].status == "solved"


def test_what_is_said_to_a_closed_ticket_is_kept_as_a_note(world, linked):
    number, remote = linked
    add(world, number, said(number, 1, kind="change"), status="closed")
    world.put(sync(number))
    world.remotes["jira"].says(remote, "One more thing.")
    world.put(pull(remote))
    [command] = asked(world)
    assert command["detail-type"] == "NoteTicket"
    assert command["detail"]["flags"] == [f"not sent to the customer: ticket {number} is closed"]


def test_a_text_that_is_cut_says_where_the_rest_is(world, linked):
    _, remote = linked
    world.remotes["jira"].says(remote, "é" * 30_001)
    world.put(pull(remote))
    [command] = asked(world)
    assert len(command["detail"]["text"]) == 30_000
    assert command["detail"]["flags"] == ["jira keeps the rest: a text here ends after 60,000 bytes"]


def test_a_comment_without_text_is_a_note_that_names_its_files(world, linked):
    _, remote = linked
    there = world.remotes["jira"]
    there.says(remote, " \x00", author="Jo\x07\n" * 200)
    comments = there.tickets[remote].comments
    comments[0] = type(comments[0])(**{**vars(comments[0]), "at": "soon", "attachments": (FILE,)})
    world.put(pull(remote))
    [command] = asked(world)
    assert (command["detail-type"], command["detail"]["text"]) == ("NoteTicket", "(no text)")
    assert command["detail"]["flags"][1] == "jira keeps an attachment: a.pdf https://there/a"
    assert command["time"].startswith("2026-11-21T12:00:00")


FILE = RemoteFile(filename="a.pdf", url="https://there/a")


def test_a_ticket_that_is_none_of_ours_is_left_alone(world, linked):
    assert world.put(pull("999"), pull("100", "zen")) == []
    assert (asked(world), world.dead) == ([], [])


def test_a_pull_waits_as_long_as_the_destination_wants(world, linked, monkeypatch):
    _, remote = linked

    def busy(_remote_id):
        raise TooMany(37)

    monkeypatch.setattr(world.remotes["jira"], "comments", busy)
    world.put(pull(remote))
    assert [(due - world.moment).total_seconds() for due, _ in world.queued] == [37]


def test_a_comment_at_which_the_function_dies_is_taken_over_under_one_id(world, linked):
    _, remote = linked
    comment = world.remotes["jira"].says(remote, "It left.")
    for death in range(1, 20):
        world.calls, world.dies_at = 0, death
        died = world.put(pull(remote))
        world.dies_at = None
        world.moment += timedelta(minutes=30)
        if not died:
            break
    assert {name for name, kind, _ in brief(asked(world)) if kind == "AnswerTicket"} == {f"jira-{comment}"}


def test_an_answer_from_there_reaches_the_customer_and_does_not_go_back(world, linked, handler, heard):
    _, remote = linked
    there = world.remotes["jira"]
    there.says(remote, "It left.")
    world.put(pull(remote))
    commands = asked(world)
    handler("tickets").handler(batch(*commands), None)
    events = heard()
    assert [kind for kind, _ in events] == ["SendMail", "TicketAnswered", "TicketStatusChanged"]
    for kind, detail in events[1:]:
        world.put({"id": "1", "source": "mailroom", "detail-type": kind, "detail": detail})
    world.run()
    assert [comment.text for comment in there.tickets[remote].comments] == ["It left."]
    other = next(iter(world.remotes["zen"].tickets.values()))
    assert [comment.text for comment in other.comments] == ["Jo (jira) answered:\n\nIt left."]
    assert asked(world) == []
