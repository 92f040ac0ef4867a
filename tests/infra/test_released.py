"""An update from the last released version to this one keeps everything that holds data."""

import copy
import json

import pytest

from infra.lasting import WHY, lasting, losses
from infra.released import FILE, stacks
from tests.infra.conftest import KEPT

RELEASED = json.loads(FILE.read_text())["stages"]


@pytest.mark.parametrize("stage", RELEASED)
def test_an_update_replaces_and_deletes_nothing_that_must_last(templates, stage):
    """With the settings of then; where they are today's too, the templates are there already."""
    then = RELEASED[stage]
    same = then["settings"] == KEPT.get(stage)
    now = lasting(templates(stage)) if same else stacks(stage, then["settings"])
    assert list(losses(then["stacks"], now)) == []


def test_what_lasts_is_kept_of_the_release(templates):
    kept = RELEASED["local"]["stacks"]
    assert kept["Storage"]["Messages804FA4EB"] == {
        "type": "AWS::DynamoDB::Table",
        "fixed": {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]},
    }
    kinds = {resource["type"] for resources in kept.values() for resource in resources.values()}
    found = {item["Type"] for template in templates("local").values() for item in template["Resources"].values()}
    assert kinds == WHY.keys() & found
    assert {"AWS::S3::Bucket", "AWS::SES::EmailIdentity", "AWS::SES::ReceiptRuleSet", "AWS::SQS::Queue"} <= kinds


def gone(stacks):
    del stacks["Storage"]["Resources"]["Mail6A3D1F64"]


def renamed(stacks):
    queues = stacks["Outbound"]["Resources"]
    queues["Outgoing"] = queues.pop("SendQueueB00D5D3C")


def other_type(stacks):
    stacks["Storage"]["Resources"]["Tickets83B11BB2"]["Type"] = "AWS::DynamoDB::GlobalTable"


def other_key(stacks):
    table = stacks["Storage"]["Resources"]["Messages804FA4EB"]
    table["Properties"]["KeySchema"].append({"AttributeName": "day", "KeyType": "RANGE"})


def named(stacks):
    stacks["Identity"]["Resources"]["Marketing3B454061"]["Properties"]["Name"] = "marketing"


def other_bus(stacks):
    stacks["Storage"]["Resources"]["BusEA82B648"]["Properties"]["Name"] = "mailroom"


def other_identity(stacks):
    stacks["Identity"]["Resources"]["Domain66AC69E0"]["Properties"]["EmailIdentity"] = "acme.example"


def other_rule(stacks):
    stacks["Inbound"]["Resources"]["Rule"]["Properties"]["Rule"]["Name"] = "post"


def other_activation(stacks):
    stacks["Inbound"]["Resources"]["ActiveRules"]["Properties"]["ServiceToken"] = "another function"


@pytest.mark.parametrize(
    ("change", "where", "what", "cost"),
    [
        (gone, "Storage Mail6A3D1F64", "is gone", "what is in it"),
        (renamed, "Outbound SendQueueB00D5D3C", "is gone", "the mail that waits in it"),
        (other_type, "Storage Tickets83B11BB2", "is gone", "what is in it"),
        (other_key, "Storage Messages804FA4EB", "KeySchema changes, which replaces it", "what is in it"),
        (
            named,
            "Identity Marketing3B454061",
            "Name changes, which replaces it",
            "its reputation, and its being paused",
        ),
        (other_bus, "Storage BusEA82B648", "Name changes, which replaces it", "its name, which applications know"),
        (
            other_identity,
            *("Identity Domain66AC69E0", "EmailIdentity changes, which replaces it"),
            "its DKIM keys and its reputation",
        ),
        (other_rule, "Inbound Rule", "Rule/Name changes, which replaces it", "mail, which is refused meanwhile"),
        (
            other_activation,
            *("Inbound ActiveRules", "ServiceToken changes, which replaces it"),
            "mail, which is refused from then on",
        ),
    ],
)
def test_a_template_that_would_lose_something_is_found(templates, change, where, what, cost):
    changed = copy.deepcopy(templates("local"))
    change(changed)
    said = list(losses(lasting(templates("local")), lasting(changed)))
    assert said == [f"{where}: {what}; that costs {cost}"]


def test_an_identity_of_the_standby_that_is_made_by_another_name_is_found(templates):
    changed = copy.deepcopy(templates("twin"))
    identity = changed["Identity-Standby"]["Resources"]
    identity["First"] = identity.pop("Domain")
    said = list(losses(lasting(templates("twin")), lasting(changed)))
    assert said == ["Identity-Standby Domain: is gone; that costs the standby's identity, which is deleted"]


def test_a_stack_that_is_gone_loses_all_that_is_in_it(templates):
    changed = copy.deepcopy(templates("local"))
    del changed["Inbound"]
    found = list(losses(lasting(templates("local")), lasting(changed)))
    assert len(found) == len(lasting(templates("local"))["Inbound"])
    assert "Inbound Rules: is gone; that costs mail, which is refused meanwhile" in found


def test_what_is_new_or_can_be_changed_in_place_is_no_loss(templates):
    changed = copy.deepcopy(templates("local"))
    storage = changed["Storage"]["Resources"]
    storage["Campaigns"] = copy.deepcopy(storage["Tickets83B11BB2"])
    storage["Messages804FA4EB"]["Properties"]["BillingMode"] = "PROVISIONED"
    storage["Mail6A3D1F64"]["Properties"]["LifecycleConfiguration"]["Rules"].pop()
    assert list(losses(lasting(templates("local")), lasting(changed))) == []
