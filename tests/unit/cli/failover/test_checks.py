"""What two regions need besides what the doctor looks at, and what is said where one of them does not answer."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import EndpointConnectionError

from cli.deployment import NotDeployed
from cli.failover import checks as failover
from cli.failover.checks import checks, key, queues_told, tables, waiting
from cli.failover.regions import Region, Regions
from infra.settings import Settings
from infra.settings_standby import in_standby

SETTINGS = Settings.read(
    "acme",
    {
        "region": "eu-west-1",
        "standby": {"region": "eu-central-1"},
        "domain": "acme.test",
        "sender": "Acme <hello@acme.test>",
    },
)
OUTPUTS = {"MessagesTable": "m", "RecipientsTable": "r", "TokensTable": "t", "PagesFunction": "p", "SendFunction": "s"}
WEST, CENTRAL = "eu-west-1", "eu-central-1"


class There:
    """A deployment whose clients answer what the test says, by service and operation."""

    stage = "acme"
    running = None

    def __init__(self, item=None, **answers):
        self._item = item
        self._answers = answers

    def output(self, name):
        return OUTPUTS[name]

    def outputs(self, suffix):
        return {}

    def client(self, service):
        return SimpleNamespace(**self._answers.get(service, {}))

    def table(self, output):
        def get_item(**asked):
            if isinstance(self._item, Exception):
                raise self._item
            return {"Item": self._item} if self._item else {}

        return SimpleNamespace(get_item=get_item)


def region(name, there, why=""):
    settings = SETTINGS if name == WEST else in_standby(SETTINGS, SETTINGS.standby)
    return Region(settings=settings, there=there, why=why)


def copied(*states):
    """DynamoDB, as it describes the three tables: the state of each one's replica in the first region."""
    told = iter(states)

    def describe_table(**asked):
        state = next(told)
        return {"Table": {"Replicas": [{"RegionName": WEST, "ReplicaStatus": state}] if state else []}}

    return {"describe_table": describe_table}


def lost(name):
    return region(name, None, why="AWS cannot be reached.")


def test_tables_that_are_copied_both_ways_are_well():
    there = There(dynamodb=copied("ACTIVE", "ACTIVE", "ACTIVE"))
    assert tables(region(CENTRAL, there), lost(WEST), there).level == "ok"


@pytest.mark.parametrize(("state", "said"), [(None, "no replica"), ("INACCESSIBLE_ENCRYPTION_CREDENTIALS", "INACC")])
def test_a_table_that_is_not_copied_is_an_error(state, said):
    there = There(dynamodb=copied("ACTIVE", state, "ACTIVE"))
    line = tables(region(CENTRAL, there), lost(WEST), there)
    assert line.level == "error"
    assert f"RecipientsTable ({said}" in line.said
    assert "the other may send again" in line.said


def test_what_one_region_does_not_know_yet_is_a_warning():
    there = There(item={"region": CENTRAL, "at": "2"}, dynamodb=copied("ACTIVE", "ACTIVE", "ACTIVE"))
    line = tables(region(CENTRAL, there), region(WEST, There(item={"region": WEST, "at": "1"})), there)
    assert (line.level, "DynamoDB is behind" in line.said) == ("warning", True)


COPY = {"Region": CENTRAL, "Status": "InSync"}


@pytest.mark.parametrize(
    ("to", "secret", "level"),
    [
        (CENTRAL, {"PrimaryRegion": WEST}, "ok"),
        (CENTRAL, {"PrimaryRegion": "us-east-1"}, "error"),
        (CENTRAL, {}, "error"),  # as of a copy that somebody has made a secret of its own
        (WEST, {"ReplicationStatus": [COPY]}, "ok"),
        (WEST, {"ReplicationStatus": [COPY | {"Status": "Failed"}]}, "error"),
        (WEST, {}, "error"),
    ],
)
def test_links_need_one_key_in_both_regions(to, secret, level):
    variables = {"Environment": {"Variables": {"TOKEN_KEY_ARN": "arn:k"}}}
    there = There(
        **{
            "lambda": {"get_function_configuration": lambda **asked: variables},
            "secretsmanager": {"describe_secret": lambda **asked: secret},
        }
    )
    assert key(region(to, there), lost(WEST if to == CENTRAL else CENTRAL), there).level == level


def test_queues_that_are_others_since_the_switch_are_told():
    queues = {"Send": "https://sqs/s", "Tokens": "https://sqs/t"}
    said = {"region": WEST, "at": "1", "queues": queues}
    first = There(item=said)
    first.output = {"SendQueue": "https://sqs/s", "TokensQueue": "https://sqs/t"}.__getitem__
    both = Regions(first=region(WEST, first), standby=lost(CENTRAL))
    assert [line.level for line in queues_told(both)] == ["ok"]
    first.output = {"SendQueue": "https://sqs/anew", "TokensQueue": "https://sqs/t"}.__getitem__
    [line] = queues_told(both)
    assert (line.level, line.said) == (
        "warning",
        "what is handed on to eu-west-1 goes into queues that it no longer has",
    )
    assert line.mend == "`mailroom --stage acme failover switch --back` tells the new ones"
    assert list(queues_told(Regions(first=region(WEST, There()), standby=lost(CENTRAL)))) == []


def test_mails_to_be_sent_later_are_counted_where_they_wait():
    variables = {"Environment": {"Variables": {"SCHEDULE_GROUP": "g"}}}
    first = There(
        **{
            "lambda": {"get_function_configuration": lambda **asked: variables},
            "scheduler": {"list_schedules": lambda **asked: {"Schedules": [{}] * 3}},
        }
    )
    [line] = waiting(region(WEST, first))
    assert (line.level, line.said) == ("warning", "3 mails to be sent later wait in eu-west-1, for it to be up")
    [line] = waiting(lost(WEST))
    assert "eu-west-1 cannot be asked what waits there: AWS cannot be reached." in line.said


def test_a_region_that_cannot_be_asked_can_not_send():
    both = Regions(first=region(WEST, There()), standby=lost(CENTRAL))
    [line] = checks(both, both.standby)
    assert (line.level, line.said) == ("error", "eu-central-1 cannot be asked: AWS cannot be reached.")


def test_a_standby_that_is_not_whole_has_a_line_for_what_cannot_be_looked_at(monkeypatch):
    def lacks(name):
        raise NotDeployed(f"No stack has the output {name}")

    there = There(dynamodb=copied(), **{"lambda": {"get_function_configuration": None}})
    there.output = lacks
    monkeypatch.setattr(failover, "OF_SENDING", ())
    both = Regions(first=lost(WEST), standby=region(CENTRAL, there))
    lines = list(checks(both, both.standby))
    assert [(line.check, line.level) for line in lines] == [
        ("tables", "warning"),
        ("token-key", "warning"),
        ("waiting", "warning"),
    ]
    assert lines[0].said == "not looked at: No stack has the output MessagesTable"


def test_the_sender_is_what_was_said_last_in_a_region_that_answers():
    said = {"region": CENTRAL, "at": "2026-11-22T10:00:00Z"}
    before = {"region": WEST, "at": "2026-11-21T10:00:00Z"}
    both = Regions(first=region(WEST, There(item=before)), standby=region(CENTRAL, There(item=said)))
    assert both.sender() == CENTRAL
    gone = EndpointConnectionError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com")
    assert Regions(first=both.first, standby=region(CENTRAL, There(item=gone))).sender() == WEST
    assert Regions(first=lost(WEST), standby=region(CENTRAL, There())).sender() == WEST
