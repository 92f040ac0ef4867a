"""A stage with a standby region: what is in which, and what the functions of one may do in the other."""

import json

import pytest

from tests.infra.conftest import named

ACCOUNT = "111122223333"
STACKS = ["Feedback", "Identity", "Inbound", "Monitoring", "Outbound", "Storage"]


def of_type(template, kind):
    return {made[:-8]: item for made, item in template["Resources"].items() if item["Type"] == kind}


def allowed(template, role):
    """What a function may do: action, resource, condition."""
    [policy] = [item for made, item in of_type(template, "AWS::IAM::Policy").items() if made.startswith(f"{role}Role")]
    for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
        actions, resources = (
            value if isinstance(value, list) else [value] for value in (statement["Action"], statement["Resource"])
        )
        for action in actions:
            for resource in resources:
                yield action, named(resource), json.dumps(statement.get("Condition", {}))


def test_the_standby_region_has_all_stacks_that_send(first, second, twins):
    assert sorted(first) == STACKS
    assert sorted(second) == STACKS
    manifest = json.loads((twins / "manifest.json").read_text())["artifacts"]
    stack = manifest["Mailroom-twin-Storage-Standby"]
    assert stack["environment"] == f"aws://{ACCOUNT}/eu-central-1"
    assert stack["properties"]["stackName"] == "Mailroom-twin-Storage"
    assert stack["properties"]["terminationProtection"] is True
    assert {"Mailroom-twin-Outbound"} <= set(stack["dependencies"])


def test_all_of_the_standby_is_taken_down_before_its_storage_at_which_that_stops(twins):
    manifest = json.loads((twins / "manifest.json").read_text())["artifacts"]

    def before(stack):
        for other in manifest[stack]["dependencies"]:
            if manifest[other]["type"] == "aws:cloudformation:stack":
                yield other
                yield from before(other)

    others = {f"Mailroom-twin-{name}-Standby" for name in STACKS if name != "Storage"}
    assert {stack for stack in others if "Mailroom-twin-Storage-Standby" in before(stack)} == others


def test_what_sending_needs_is_copied_and_what_it_does_not_is_not(first, second):
    tables = of_type(first["Storage"], "AWS::DynamoDB::Table")
    assert {name for name, table in tables.items() if "StreamSpecification" in table["Properties"]} == {
        *("Messages", "Recipients", "Tokens")
    }
    assert [region["Region"] for region in key_of(first)["ReplicaRegions"]] == ["eu-central-1"]
    assert list(of_type(second["Storage"], "AWS::DynamoDB::Table")) == ["Counts"]
    assert of_type(second["Storage"], "AWS::SecretsManager::Secret") == {}
    [copies] = [item for item in second["Storage"]["Resources"].values() if item["Type"] == "Custom::Replicas"]
    assert copies["Properties"]["FirstRegion"] == "eu-west-1"
    assert copies["Properties"]["Stacks"] == [f"Mailroom-twin-{name}" for name in ("Storage", "Outbound", "Inbound")]


def key_of(stacks):
    [key] = of_type(stacks["Storage"], "AWS::SecretsManager::Secret").values()
    return key["Properties"]


@pytest.mark.parametrize("name", ["Counts", "Mail", "Bus"])
def test_what_the_standby_keeps_of_its_own_is_retained(second, name):
    found = {made[:-8]: item for made, item in second["Storage"]["Resources"].items()}[name]
    assert (found["DeletionPolicy"], found["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_only_the_function_that_copies_may_reach_the_first_regions_tables(second):
    there, here = (f"arn:aws:dynamodb:{region}:{ACCOUNT}:table" for region in ("eu-west-1", "eu-central-1"))
    asked = {(action, resource) for action, resource, _ in allowed(second["Storage"], "Replicas")}
    assert {(action, resource) for action, resource in asked if "dynamodb" in action} == {
        ("dynamodb:DescribeTable", f"{there}/Mailroom-twin-Storage-*"),
        ("dynamodb:UpdateTable", f"{there}/Mailroom-twin-Storage-*"),
        *(
            (f"dynamodb:{action}", f"{here}/Mailroom-twin-Storage-*")
            for action in (
                *("CreateTable", "CreateTableReplica", "Query", "Scan", "GetItem", "PutItem", "UpdateItem"),
                *("DeleteItem", "BatchWriteItem", "DescribeTable", "UpdateTable", "UpdateContinuousBackups"),
            )
        ),
    }
    assert (
        "cloudformation:DescribeStacks",
        f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/Mailroom-twin-*",
    ) in asked


def test_an_identity_there_is_a_replica_with_a_mail_from_of_its_own(second):
    made = [item["Properties"] for item in second["Identity"]["Resources"].values() if "Replica" in item["Type"]]
    assert [(one["Identity"], one["FirstRegion"], one["MailFrom"]) for one in made] == [
        ("acme.test", "eu-west-1", "bounce-standby.acme.test"),
        ("news.acme.test", "eu-west-1", "bounce-standby.news.acme.test"),
    ]
    assert [named(one["ConfigurationSet"]) for one in made] == ["<Transactional>", "<Marketing>"]
    assert of_type(second["Identity"], "AWS::SES::EmailIdentity") == {}


def test_keys_are_copied_of_the_stages_own_identities_and_into_this_region_alone(second):
    asked = list(allowed(second["Identity"], "Identities"))
    parents = [(resource, when) for action, resource, when in asked if "Replicate" in action]
    assert [resource for resource, _ in parents] == [
        f"arn:aws:ses:eu-west-1:{ACCOUNT}:identity/{name}" for name in ("acme.test", "news.acme.test")
    ]
    assert {when for _, when in parents} == {
        '{"ForAllValues:StringEquals": {"ses:ReplicaRegion": ["eu-central-1"]}}',
    }
    own = {resource for action, resource, _ in asked if action == "ses:DeleteEmailIdentity"}
    assert own == {f"arn:aws:ses:eu-central-1:{ACCOUNT}:identity/{name}" for name in ("acme.test", "news.acme.test")}


def test_all_records_are_the_first_regions_stacks(first, second):
    def records(template):
        return [name for name in template["Identity"]["Outputs"] if name.endswith("Record")]

    assert {"StandbyMailFromMxRecord", "StandbyMailFromSpfRecord"} <= set(records(first))
    assert records(second) == []


@pytest.mark.parametrize("function", ["Send", "Tokens"])
def test_what_one_region_does_not_send_it_may_hand_on_to_the_other(first, second, function):
    for template, other in ((first, "eu-central-1"), (second, "eu-west-1")):
        queues = [
            resource for action, resource, _ in allowed(template["Outbound"], function) if action == "sqs:SendMessage"
        ]
        assert f"arn:aws:sqs:{other}:{ACCOUNT}:Mailroom-twin-Outbound-*" in queues
        assert len([queue for queue in queues if "*" in queue]) == 1
        files = [
            (resource, when)
            for action, resource, when in allowed(template["Outbound"], function)
            if action == "s3:GetObject" and "*" in resource.split("/")[0]
        ]
        owner = '{"StringEquals": {"aws:ResourceAccount": "111122223333"}}'
        assert files == [("arn:aws:s3:::mailroom-twin-storage-*/outgoing/*", owner)]


def test_each_function_that_sends_is_told_who_does_where_nobody_has_said(first, second):
    for template in (first, second):
        told = {
            name.removesuffix("Function"): item["Properties"]
            .get("Environment", {})
            .get("Variables", {})
            .get("SENDS_FIRST")
            for name, item in of_type(template["Outbound"], "AWS::Lambda::Function").items()
        }
        senders = {"Send", "Tokens", "Api"} | ({"Cognito"} if template is first else set())
        assert {name for name, said in told.items() if said} == senders
        assert '"region":"eu-west-1"' in json.dumps(told["Send"]).replace("\\", "")


def test_suppressions_are_in_step_with_one_regions_list_alone(first, second):
    assert "SuppressionQueue" in first["Feedback"]["Outputs"]
    assert "SuppressionQueue" not in second["Feedback"]["Outputs"]


def test_a_stage_with_one_region_has_nothing_of_it(templates):
    text = json.dumps(templates("example"))
    assert "SENDS_FIRST" not in text
    assert "ReplicaRegions" not in text
    assert "Standby" not in text


def test_what_the_standby_receives_is_told_to_the_first_regions_queue_and_fetched_from_there(first, second):
    [subscription] = of_type(second["Inbound"], "AWS::SNS::Subscription").values()
    assert "CopiesInboundQueueArn" in json.dumps(subscription["Properties"]["Endpoint"])
    assert sorted(of_type(second["Inbound"], "AWS::Lambda::Function")) == ["ActivationFunction"]
    rules = [stacks["Inbound"]["Resources"]["Rule"]["Properties"]["Rule"]["Recipients"] for stacks in (first, second)]
    assert rules == [["support@acme.test"]] * 2
    fetched = {
        (action, resource, when)
        for action, resource, when in allowed(first["Inbound"], "Inbound")
        if action.startswith("s3:") and ("*/raw" in resource or action == "s3:PutObject")
    }
    owner = '{"StringEquals": {"aws:ResourceAccount": "111122223333"}}'
    assert fetched == {
        ("s3:GetObject", "arn:aws:s3:::mailroom-twin-storage-*/raw/*", owner),
        ("s3:PutObject", "<Mail.Arn>/raw/*", "{}"),
        ("s3:PutObject", "<Mail.Arn>/attachments/*", "{}"),
    }
    queue = of_type(first["Inbound"], "AWS::SQS::QueuePolicy")["InboundQueuePolicy"]
    statements = json.dumps(queue["Properties"]["PolicyDocument"]["Statement"])
    assert f'"ArnLike": {{"aws:SourceArn": "arn:aws:sns:eu-central-1:{ACCOUNT}:Mailroom-twin-Inbound-*"}}' in statements
