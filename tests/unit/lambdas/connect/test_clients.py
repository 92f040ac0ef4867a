import json
from datetime import UTC, datetime, timedelta

import pytest

from lambdas.connect.clients import WEBHOOKS, Clients, ticket_systems
from lambdas.connect.jira import Jira
from lambdas.connect.remote import NotAllowed
from lambdas.connect.zendesk import Zendesk
from lambdas.shared.destinations import Destination
from lambdas.shared.queue import Rejected

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MANY = json.dumps(
    [
        {"name": "jira", "kind": "jira", "mailboxes": ["a@acme.test"], "secret_arn": "arn:1"}
        | {"site": "acme", "project": "SUP", "issue_type": "Task"},
        {"name": "zen", "kind": "zendesk", "mailboxes": [], "secret_arn": "arn:2", "subdomain": "acme", "tags": ["a"]},
        {"name": "hook", "kind": "webhook", "mailboxes": [], "secret_arn": "arn:3", "url": "https://hooks.acme.test/"},
        {"name": "odd", "kind": "webhook", "mailboxes": [], "secret_arn": "arn:3", "url": "http://hooks.acme.test/s3c"},
    ]
)
SIGNED_IN = {"email": "m@acme.test", "token": "t"}
SECRET = "whsec_YW4gb2xkIGtleSBvZiAyNCBieXRlcyEh"


def remotes(secret, now=lambda: NOW):
    return Clients(Destination.read(MANY), secret, now, ticket_systems(lambda _name: 0))


def webhooks(held):
    return Clients(Destination.read(MANY), lambda _arn: held, lambda: NOW, WEBHOOKS)


def test_each_kind_has_its_client_made_of_settings_and_secret():
    found = remotes(lambda _arn: SIGNED_IN)
    assert isinstance(found.get("jira"), Jira)
    assert isinstance(found.get("zen"), Zendesk)
    webhook = webhooks({"secrets": [SECRET]}).get("hook")
    assert (webhook.endpoint.name, webhook.secrets) == ("hooks.acme.test", (SECRET,))
    with pytest.raises(Rejected, match="no destination hook of kind jira or zendesk"):
        found.get("hook")


def test_a_secret_is_read_once_in_five_minutes_or_when_it_did_not_serve():
    read, time = [], [NOW]
    found = remotes(lambda arn: read.append(arn) or SIGNED_IN, lambda: time[0])
    found.get("jira")
    time[0] += timedelta(seconds=299)
    found.get("jira")
    assert read == ["arn:1"]
    time[0] += timedelta(seconds=1)
    found.get("jira")
    found.forget("jira")
    found.get("jira")
    assert read == ["arn:1"] * 3


def test_a_client_is_outdated_once_somebody_has_set_another_secret():
    held = [SIGNED_IN]
    found = remotes(lambda _arn: held[-1])
    first = found.get("jira")
    held.append(SIGNED_IN | {"token": "another"})
    assert found.get("jira") is first
    assert found.outdated("jira")
    assert found.get("jira") is not first
    assert not found.outdated("jira")
    assert not found.outdated("zen")  # there was none


@pytest.mark.parametrize("held", [{}, {"email": "", "token": "hush"}, {"email": "m@acme.test", "token": 7}])
def test_a_secret_that_is_none_says_how_to_set_it_and_not_what_it_is(held):
    with pytest.raises(NotAllowed, match="mailroom connect set zen") as caught:
        remotes(lambda _arn: held).get("zen")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("held", [{}, {"secrets": []}, {"secrets": "whsec_hush"}, {"secrets": [SECRET, "whsec_hush"]}])
def test_a_webhooks_secret_that_is_none_says_so_too(held):
    with pytest.raises(NotAllowed, match=r"random bytes in base64; hook has none: set one with mailroom connect set"):
        webhooks(held).get("hook")


def test_a_url_that_is_none_is_said_without_its_path():
    with pytest.raises(NotAllowed, match=r"begins with https://; change the url of odd in the settings") as caught:
        webhooks({"secrets": [SECRET]}).get("odd")
    assert "s3c" not in str(caught.value)
