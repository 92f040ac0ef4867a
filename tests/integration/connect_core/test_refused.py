"""What they refuse for good, a message or a status: a dead letter of its own, and all else goes on."""

import json
from datetime import timedelta

from lambdas.connect.remote import Refused
from tests.integration.connect_core.conftest import add, pull, said, sync, there


def test_what_they_refuse_goes_to_the_dead_letters_with_request_and_answer(world, opened, caplog):
    number = opened(3)
    world.put(sync(number))
    add(world, number, said(number, 3))
    add(world, number, said(number, 4))
    world.remotes["jira"].script = [Refused("answered 400: too odd", "POST /comment\nWord 3", '{"no": 1}')]
    world.put(sync(number))
    [(body, told)] = world.dead
    again = json.loads(body)
    assert (again["detail-type"], again["detail"]) == ("SyncTicket", {"ticket": number, "destination": "jira"})
    assert told == {
        "Reason": "jira refused: answered 400: too odd",
        "Request": "POST /comment\nWord 3",
        "Answer": '{"no": 1}',
    }
    assert there(world, number) == [["Word 1", "Word 2", "Word 4"]]
    assert "Word 3" not in "".join(str(vars(record)) for record in caplog.records)
    world.put(sync(number))
    assert len(world.dead) == 1
    world.moment += timedelta(minutes=16)
    world.put(again)  # as a redrive does
    assert there(world, number) == [["Word 1", "Word 2", "Word 4", "Word 3"]]


def test_what_fails_after_a_refusal_takes_no_dead_letter_away(world, opened):
    number = opened(3)
    world.remotes["jira"].script = ["ok", Refused("too odd"), "503"]
    world.put(sync(number))
    world.run()
    assert there(world, number) == [["Word 2"]]
    assert [told["Reason"] for _, told in world.dead] == ["jira refused: too odd"]


def test_at_each_call_to_aws_a_death_leaves_a_dead_letter_of_what_they_refuse(world, opened):
    def comment(_to, _given):
        raise Refused("too odd")

    world.remotes["jira"].comment = comment
    for death in range(1, 60):
        number, world.dead = opened(), []
        world.put(sync(number))
        add(world, number, said(number, 1))
        world.calls, world.dies_at = 0, death
        died = world.put(sync(number))
        world.dies_at = None
        world.put(sync(number))
        world.moment += timedelta(minutes=3)  # when a dead one's lease has ended
        world.put(sync(number))
        assert (death, [told["Reason"] for _, told in world.dead][:1]) == (death, ["jira refused: too odd"])
        if not died:
            return
    raise AssertionError("it never came to its end")


def test_a_status_that_they_refuse_has_one_dead_letter_and_what_they_do_goes_on_to_count(world, opened):
    number = opened()
    world.put(sync(number))
    [(remote, counterpart)] = world.remotes["jira"].tickets.items()
    add(world, number, said(number, 1, kind="change"), status="solved")
    world.remotes["jira"].script = [Refused("resolution: is required", "POST /transitions", '{"no": 1}')]
    for _ in range(3):
        world.put(sync(number), pull(remote))
    [(body, told)] = world.dead
    assert json.loads(body)["detail"] == {"ticket": number, "destination": "jira"}
    assert (told["Reason"], told["Answer"]) == ("jira refused: resolution: is required", '{"no": 1}')
    assert (counterpart.status, world.to_tickets) == ("open", [])

    world.remotes["jira"].says(remote, "It is not.")
    counterpart.status = "closed"
    world.put(pull(remote))
    [answer] = [json.loads(body)["detail"] for body in world.to_tickets]
    assert (answer["text"], answer["status"]) == ("It is not.", "closed")
    assert len(world.dead) == 1


def test_a_status_that_they_refused_is_tried_again_by_a_redrive_and_a_later_one_at_once(world, opened):
    number = opened()
    world.put(sync(number))
    [counterpart] = world.remotes["jira"].tickets.values()
    add(world, number, said(number, 1, kind="change"), status="solved")
    world.remotes["jira"].script = [Refused("not from here")]
    world.put(sync(number), sync(number))
    assert counterpart.status == "open"
    world.moment += timedelta(minutes=16)
    world.put(json.loads(world.dead[0][0]))
    assert counterpart.status == "solved"
    add(world, number, said(number, 4, kind="change"), status="open")
    world.remotes["jira"].script = [Refused("not from here")]
    world.put(sync(number))
    add(world, number, said(number, 7, kind="change"), status="closed")
    world.put(sync(number))
    assert (counterpart.status, len(world.dead)) == ("closed", 2)
