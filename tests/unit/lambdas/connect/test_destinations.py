import json
from datetime import UTC, datetime, timedelta

import pytest

from lambdas.connect.destinations import Destination, Remotes
from lambdas.connect.jira import Jira
from lambdas.connect.remote import NotAllowed
from lambdas.connect.zendesk import Zendesk

NOW = datetime(2026, 11, 21, tzinfo=UTC)
JIRA = {"name": "jira", "kind": "jira", "mailboxes": ["a@acme.test"], "secret_arn": "arn:1", "site": "acme"} | {
    "project": "SUP",
    "issue_type": "Task",
    "link": "https://desk.acme.test/{ticket}",
}
ZENDESK = {"name": "zen", "kind": "zendesk", "mailboxes": [], "secret_arn": "arn:2", "subdomain": "acme", "tags": ["a"]}


def remotes(secret, now=lambda: NOW):
    return Remotes(Destination.read(json.dumps([JIRA, ZENDESK])), secret, now)


def test_each_kind_has_its_client_made_of_settings_and_secret():
    found = remotes(lambda _arn: '{"email": "m@acme.test", "token": "t"}')
    assert isinstance(found.get("jira"), Jira)
    assert isinstance(found.get("zen"), Zendesk)
    assert found.destination("jira").page(12) == "https://desk.acme.test/12"


def test_a_secret_is_read_once_in_five_minutes_or_when_it_did_not_serve():
    read, time = [], [NOW]
    found = remotes(lambda arn: read.append(arn) or '{"email": "m@acme.test", "token": "t"}', lambda: time[0])
    found.get("jira")
    time[0] += timedelta(seconds=299)
    found.get("jira")
    assert read == ["arn:1"]
    time[0] += timedelta(seconds=1)
    found.get("jira")
    found.forget("jira")
    found.get("jira")
    assert read == ["arn:1"] * 3


@pytest.mark.parametrize("secret", [None, "", "no JSON: hush", "[]", '{"email": "", "token": "hush"}'])
def test_a_secret_that_is_none_says_how_to_set_it_and_not_what_it_is(secret):
    with pytest.raises(NotAllowed, match="mailroom connect set zen") as caught:
        remotes(lambda _arn: secret).get("zen")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("wrong", [{"name": "jira-2"}, {"kind": "webhook"}])
def test_a_destination_that_is_none_is_said(wrong):
    with pytest.raises(ValueError, match=r"no (name|kind) of"):
        Destination.read(json.dumps([JIRA | wrong]))
