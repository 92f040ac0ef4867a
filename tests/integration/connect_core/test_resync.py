"""What the function does with a link that a resync has cleared."""

from lambdas.connect.remote import Gone, Refused
from lambdas.shared.timestamps import iso
from tests.integration.connect_core.conftest import add, said, sync


def resync(world, links, number, *, anew=False):
    at = iso(world.moment)
    link = links.take(number, "jira", "the command", at, at)
    links.release(links.anew(link) if anew else links.again(link))
    world.put(sync(number))
    world.run()


def words(world):
    return [[comment.text.splitlines()[-1] for comment in t.comments] for t in world.remotes["jira"].tickets.values()]


def test_what_they_refused_and_what_was_hidden_is_brought_there_and_nothing_twice(world, opened, links):
    number = opened(3)
    world.remotes["jira"].script = ["ok", Refused("too long", "request", "answer")]
    world.put(sync(number))
    assert words(world) == [["Word 2"]]
    add(world, number, said(number, 3))
    world.remotes["jira"].script = [Gone("the account may no longer browse it")]
    world.put(sync(number))
    world.put(sync(number))
    assert words(world) == [["Word 2"]]
    resync(world, links, number)
    assert words(world) == [["Word 2", "Word 1", "Word 3"]]


def test_what_was_deleted_is_made_anew_with_all_that_was_said(world, opened, links):
    number = opened(3)
    world.put(sync(number))
    add(world, number, said(number, 3))
    world.remotes["jira"].script = [Gone("the issue was deleted")]
    world.put(sync(number))
    world.remotes["jira"].tickets.clear()
    resync(world, links, number, anew=True)
    assert words(world) == [["Word 1", "Word 2", "Word 3"]]
    [ticket] = world.remotes["jira"].tickets.values()
    assert ticket.opening.text == "Word 0\n\n> Your parcel"
