import json

import pytest

from infra.settings import InvalidStage, Settings
from infra.settings_destinations import KINDS, Destination, environment
from lambdas.connect.jira import JiraSettings
from lambdas.connect.zendesk import ZendeskSettings
from lambdas.shared import destinations as read_by_functions

DOMAIN = {"region": "eu-west-1", "domain": "acme.test", "sender": "Acme <hello@acme.test>"}
JIRA = {"kind": "jira", "site": "acme", "project": "SUP", "issue_type": "Task"}
ZENDESK = {"kind": "zendesk", "subdomain": "acme"}
HOOK = {"kind": "webhook", "url": "https://hooks.acme.test/mailroom?key=1"}


def stage(destinations, *mailboxes):
    """A stage whose mailboxes name these destinations, a list each; without any, one mailbox names all."""
    named = mailboxes or (list(destinations),)
    made = [
        {"name": "Support", "address": f"support-{number}@acme.test", "destinations": names}
        for number, names in enumerate(named)
    ]
    return Settings.read("test", DOMAIN | {"mailboxes": made, "destinations": destinations})


def faults(destinations, *mailboxes):
    with pytest.raises(InvalidStage) as refused:
        stage(destinations, *mailboxes)
    return [line.removeprefix("cdk.json, stage test: ") for line in str(refused.value).splitlines()]


def test_each_kind_needs_little():
    read = stage({"jira": JIRA, "zendesk": ZENDESK, "hook": HOOK}, ["jira", "hook"], ["zendesk", "hook", "zendesk"])
    assert read.destinations == (
        Destination(name="jira", kind="jira", settings={"site": "acme", "project": "SUP", "issue_type": "Task"}),
        Destination(name="zendesk", kind="zendesk", settings={"subdomain": "acme"}),
        Destination(name="hook", kind="webhook", settings={"url": "https://hooks.acme.test/mailroom?key=1"}),
    )
    assert [mailbox.destinations for mailbox in read.mailboxes] == [("jira", "hook"), ("zendesk", "hook")]


FULL = {
    "acme_jira": JIRA
    | {
        "label": "from-mail",
        "fields": {"customfield_10001": "requester_email"},
        "statuses": {"Waiting for customer": "pending"},
        "link": "https://desk.acme.test/tickets/{ticket}",
    },
    "desk": ZENDESK | {"brand_id": 360001, "group_id": 7, "tags": ["mailroom", "vip"], "link": "http://desk/{ticket}"},
}


def test_everything_else_can_be_said_of_them_and_functions_read_it():
    read = stage(FULL, ["acme_jira"], ["acme_jira", "desk"])
    told = environment(read.destinations, read.mailboxes, {"acme_jira": "arn:1", "desk": "arn:2"})
    assert json.loads(told) == [
        {
            "name": "acme_jira",
            "kind": "jira",
            "secret_arn": "arn:1",
            "mailboxes": ["support-0@acme.test", "support-1@acme.test"],
            "link": "https://desk.acme.test/tickets/{ticket}",
            "site": "acme",
            "project": "SUP",
            "issue_type": "Task",
            "label": "from-mail",
            "fields": {"customfield_10001": "requester_email"},
            "statuses": {"Waiting for customer": "pending"},
        },
        {
            "name": "desk",
            "kind": "zendesk",
            "secret_arn": "arn:2",
            "mailboxes": ["support-1@acme.test"],
            "link": "http://desk/{ticket}",
            "subdomain": "acme",
            "brand_id": 360001,
            "group_id": 7,
            "tags": ["mailroom", "vip"],
        },
    ]
    found = read_by_functions.Destination.read(told)
    assert found["acme_jira"].page(12) == "https://desk.acme.test/tickets/12"
    assert found["desk"].mailboxes == {"support-1@acme.test"}


def test_settings_know_what_the_functions_know():
    assert tuple(KINDS) == read_by_functions.KINDS
    assert KINDS["jira"][0].keys() == {"site", "link", *JiraSettings.__dataclass_fields__}
    assert KINDS["zendesk"][0].keys() == {"subdomain", "link", *ZendeskSettings.__dataclass_fields__}


def test_all_faults_of_all_destinations_come_at_once():
    given = {
        "Jira": {"kind": "jira", "site": "acme.atlassian.net", "projekt": "SUP", "issue_type": ""},
        "zendesk": {"kind": "zendesk", "brand_id": "7"},
        "slack": {"kind": "slack"},
        "hook": "https://hooks.acme.test",
    }
    assert faults(given) == [
        "destinations: 'Jira' is no name: use up to 30 of a-z, 0-9 and _",
        "destinations: Jira: `projekt` is no setting of it; remove it, or correct it to one of site, project, "
        "issue_type, label, fields, statuses, link",
        "destinations: Jira: its `issue_type` must be a text of one line; it is ''",
        "destinations: Jira: its `project` is missing",
        "destinations: Jira: its `site` must be the first part of https://SITE.atlassian.net, such as 'acme'; it is "
        "'acme.atlassian.net'",
        "destinations: hook: its `kind` must be one of jira, zendesk, webhook; it is None",
        "destinations: slack: its `kind` must be one of jira, zendesk, webhook; it is 'slack'",
        "destinations: zendesk: its `brand_id` must be Zendesk's own number of it, such as 360001234567 (without "
        "quotes); it is '7'",
        "destinations: zendesk: its `subdomain` is missing",
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (JIRA | {"project": "sup"}, "its `project` must be a project's key such as 'SUP', in capitals; it is 'sup'"),
        (JIRA | {"project": 'SUP" OR'}, "its `project` must be a project's key"),
        (JIRA | {"label": "from mail"}, "its `label` must be a label, which has no blanks"),
        (JIRA | {"fields": {"summary": "subject"}}, "its `fields` must be an object of custom fields' ids, such as"),
        (
            JIRA | {"fields": {"customfield_1": "phone"}},
            'its `fields` must be an object of custom fields\' ids, such as {"customfield_10001": "requester_email"}, '
            "each with one of requester_email, requester_name, subject, link, marker; it is {'customfield_1': 'phone'}",
        ),
        (JIRA | {"statuses": {"Done": "done"}}, "its `statuses` must be an object of names of statuses there"),
        (JIRA | {"statuses": ["Done"]}, "its `statuses` must be an object of names of statuses there"),
        (JIRA | {"link": "https://desk.acme.test/"}, "its `link` must be the address of a ticket's page with {ticket}"),
        (JIRA | {"link": "https://desk/{ticket}/{id}"}, "its `link` must be the address of a ticket's page"),
        (JIRA | {"link": "javascript:{ticket}"}, "its `link` must be the address of a ticket's page"),
        (ZENDESK | {"subdomain": "acme.zendesk.com"}, "its `subdomain` must be the first part of https://SUBDOMAIN"),
        (ZENDESK | {"group_id": True}, "its `group_id` must be Zendesk's own number"),
        (ZENDESK | {"tags": ["two words"]}, "its `tags` must be a list of tags, which have letters, digits"),
        (ZENDESK | {"tags": "mailroom"}, "its `tags` must be a list of tags"),
        (HOOK | {"link": "https://x/{ticket}"}, "`link` is no setting of it; remove it, or correct it to one of url"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_its_destination(given, said):
    (fault,) = faults({"there": given})
    assert fault.startswith(f"destinations: there: {said}")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.acme.test/hunter2", "a webhook's URL begins with https://"),
        ("https://me:hunter2@hooks.acme.test/", "a webhook's URL has no user and password: webhooks are signed"),
        ("https://hooks.acme.test/#hunter2", "a webhook's URL has no fragment (#): it would not be sent"),
        ("https://10.1.2.3/hunter2", "its address is not one of the open internet"),
        ("https://[::ffff:169.254.169.254]/hunter2", "its address is not one of the open internet"),
        (7, "a URL has at most 2048 ASCII characters; write other names as xn--, others as %XX"),
    ],
)
def test_a_webhook_goes_to_the_open_internet_by_https_and_no_fault_shows_its_url(url, why):
    assert faults({"hook": {"kind": "webhook", "url": url}}) == [
        f"destinations: hook: its `url` is none that webhooks can go to: {why}"
    ]


@pytest.mark.parametrize("key", ["email", "token", "webhook_secret", "secrets"])
def test_a_secret_in_settings_is_refused_and_not_shown(key):
    assert faults({"jira": JIRA | {key: "hunter2"}}) == [
        f"destinations: jira: `{key}` must not stand in settings; remove it, and give it with `mailroom connect set "
        "jira`"
    ]


def test_what_is_no_object_is_shown_one():
    assert faults([JIRA], []) == [
        'destinations: must be an object of destinations by name, such as {"jira": {"kind": "jira", …}}; it is '
        f"{[JIRA]!r}"
    ]


def test_mailboxes_name_destinations_that_there_are_and_each_is_named():
    assert faults({"jira": JIRA, "hook": HOOK}, ["jira"], ["jria"]) == [
        "destinations: hook: no mailbox names it; remove it, or add it to the `destinations` of a mailbox",
        "mailboxes: support-1@acme.test: its `destinations` has jria, which is not in the stage's `destinations`: add "
        "it there, or choose one of them (hook, jira)",
    ]


def test_destinations_of_a_mailbox_are_a_list_of_names():
    assert faults({"jira": JIRA}, "jira") == [
        "mailboxes: support-0@acme.test: its `destinations` must be a list of names of the stage's `destinations`; it "
        "is 'jira'"
    ]


def test_as_much_is_taken_as_lambdas_environment_holds():
    most = {f"hook_{number}": HOOK for number in range(10)}
    assert len(stage(most, list(most)).destinations) == 10
    assert faults(most | {"one_more": HOOK}, [*most, "one_more"]) == [
        "destinations: they and the addresses of their mailboxes take 3126 bytes; shorten them to 3000, which is what "
        "Lambda's 4 KB of environment have room for"
    ]


def test_as_many_addresses_are_taken_as_the_pattern_of_a_rule_holds():
    def mailboxes(number):
        address = f"{'x' * 61}-{{:02}}@acme.test"
        return [{"name": "S", "address": address.format(n), "destinations": ["jira"]} for n in range(number)]

    Settings.read("test", DOMAIN | {"mailboxes": mailboxes(21), "destinations": {"jira": JIRA}})
    with pytest.raises(InvalidStage) as refused:
        Settings.read("test", DOMAIN | {"mailboxes": mailboxes(22), "destinations": {"jira": JIRA}})
    assert str(refused.value) == (
        "cdk.json, stage test: mailboxes: the addresses of those with `destinations` take 1716 characters; shorten "
        "them to 1700, which is what the pattern of an EventBridge rule has room for"
    )
