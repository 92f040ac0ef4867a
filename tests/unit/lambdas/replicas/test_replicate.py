"""Replicas are asked for once each, waited for, protected; what takes too long is told and goes on by itself."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from lambdas.replicas.replicate import Replicas
from lambdas.shared.custom_resource import Refused

OUTPUTS = {
    "Mailroom-acme-Storage": {
        "MessagesTable": "m-1",
        "RecipientsTable": "r-1",
        "TokensTable": "t-1",
        "TokenKeyArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:k-1",
        "ExportsOutputRefMessages": "m-1",
    },
    "Mailroom-acme-Outbound": {"SendQueue": "https://sqs/1/send", "TokensQueue": "https://sqs/1/tokens", "Other": "o"},
    "Mailroom-acme-Inbound": {"InboundQueue": "https://sqs.eu-west-1.amazonaws.com/111122223333/inbound-1"},
}


class Tables:
    """DynamoDB in both regions: a replica is ACTIVE after so many looks; `busy` answers of UpdateTable come first, and
    `unready` ones where it is to be protected."""

    def __init__(self, *, looks=1, busy=0, unready=()):
        self._unready = [*unready]
        self._looks = looks
        self._busy = busy
        self.replicas = {}
        self.asked = []
        self.protected = {}

    def describe_table(self, **asked):
        name = asked["TableName"]
        table = {"TableStatus": "ACTIVE", "LatestStreamArn": f"arn:stream/{name}"}
        if name in self.replicas:
            self.replicas[name] += 1
            status = "ACTIVE" if self.replicas[name] > self._looks else "CREATING"
            table["Replicas"] = [{"RegionName": "eu-central-1", "ReplicaStatus": status}]
        return {"Table": table}

    def update_table(self, **asked):
        name = asked["TableName"]
        if asked.get("DeletionProtectionEnabled"):
            self._may_refuse("UpdateTable")
            self.protected.setdefault(name, set()).add("deletion")
            return
        if self._busy:
            self._busy -= 1
            raise ClientError({"Error": {"Code": "ResourceInUseException", "Message": "busy"}}, "UpdateTable")
        self.asked.append((name, asked["ReplicaUpdates"]))
        self.replicas[name] = 0

    def update_continuous_backups(self, **asked):
        self._may_refuse("UpdateContinuousBackups")
        assert asked["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        self.protected[asked["TableName"]].add("recovery")

    def _may_refuse(self, operation):
        if self._unready and self._unready[0][0] == operation:
            raise ClientError({"Error": {"Code": self._unready.pop(0)[1], "Message": "not yet"}}, operation)


def stacks():
    def describe_stacks(**asked):
        told = [{"OutputKey": key, "OutputValue": value} for key, value in OUTPUTS[asked["StackName"]].items()]
        return {"Stacks": [{"Outputs": told}]}

    return SimpleNamespace(describe_stacks=describe_stacks)


def replicas(tables, *, looks=100):
    slept = []
    made = Replicas(
        first="eu-west-1",
        region="eu-central-1",
        stacks=stacks(),
        tables=tables,
        here=tables,
        sleep=slept.append,
        in_time=lambda: len(slept) < looks,
    )
    return made.prepare(list(OUTPUTS))


def test_each_table_gets_a_replica_here_which_is_protected_and_recoverable():
    tables = Tables(looks=3)
    told = replicas(tables)
    create = [{"Create": {"RegionName": "eu-central-1"}}]
    assert tables.asked == [("m-1", create), ("r-1", create), ("t-1", create)]
    assert tables.protected == {name: {"deletion", "recovery"} for name in ("m-1", "r-1", "t-1")}
    assert told == {
        "MessagesTable": "m-1",
        "RecipientsTable": "r-1",
        "TokensTable": "t-1",
        "SendQueue": "https://sqs/1/send",
        "TokensQueue": "https://sqs/1/tokens",
        "InboundQueueArn": "arn:aws:sqs:eu-west-1:111122223333:inbound-1",
        "MessagesStream": "arn:stream/m-1",
        "TokenKey": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:k-1",
    }


def test_a_replica_that_is_there_is_not_asked_for_again():
    tables = Tables()
    tables.replicas = dict.fromkeys(("m-1", "r-1", "t-1"), 5)
    replicas(tables)
    assert tables.asked == []


def test_a_table_that_is_being_changed_is_asked_again():
    tables = Tables(busy=2)
    replicas(tables)
    assert sorted(name for name, _ in tables.asked) == ["m-1", "r-1", "t-1"]


def test_a_new_replica_is_protected_as_soon_as_it_can_be():
    unready = [
        ("UpdateTable", "ResourceInUseException"),
        ("UpdateContinuousBackups", "ContinuousBackupsUnavailableException"),
        ("UpdateContinuousBackups", "ContinuousBackupsUnavailableException"),
    ]
    tables = Tables(unready=unready)
    replicas(tables)
    assert tables.protected == {name: {"deletion", "recovery"} for name in ("m-1", "r-1", "t-1")}


def test_a_replica_that_may_not_be_protected_fails():
    with pytest.raises(ClientError, match="AccessDeniedException"):
        replicas(Tables(unready=[("UpdateContinuousBackups", "AccessDeniedException")]))


def test_what_takes_too_long_is_told_and_goes_on_by_itself():
    with pytest.raises(
        Refused, match=r"still making replicas in eu-central-1: m-1, r-1, t-1.*deploy again.*docs/regions.md"
    ):
        replicas(Tables(looks=1000), looks=5)
