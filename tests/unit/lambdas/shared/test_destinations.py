import json

import pytest

from lambdas.shared.destinations import Destination

JIRA = {"name": "jira", "kind": "jira", "mailboxes": ["a@acme.test"], "secret_arn": "arn:1", "site": "acme"} | {
    "project": "SUP",
    "link": "https://desk.acme.test/{ticket}",
}


def test_what_is_not_of_every_destination_is_of_its_kind():
    [found] = Destination.read(json.dumps([JIRA])).values()
    assert (found.name, found.kind, found.mailboxes) == ("jira", "jira", {"a@acme.test"})
    assert found.settings == {"site": "acme", "project": "SUP"}
    assert found.page(12) == "https://desk.acme.test/12"


def test_a_destination_knows_what_came_from_it():
    [found] = Destination.read(json.dumps([JIRA])).values()
    assert found.told("jira-10007")
    assert not found.told("jira_2-10007")


@pytest.mark.parametrize("wrong", [{"name": "jira-2"}, {"name": "x" * 31}, {"kind": "trello"}])
def test_a_destination_that_is_none_is_said(wrong):
    with pytest.raises(ValueError, match=r"no (name|kind) of"):
        Destination.read(json.dumps([JIRA | wrong]))
