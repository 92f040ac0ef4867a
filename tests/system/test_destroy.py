"""`cdk destroy` takes a stage down, leaves its data, and says so; `cdk deploy` then finds the data."""

from contextlib import closing

import boto3
import pytest

from local.deploy import ROOT, NotDeployed, cdk
from local.server import running

STORAGE = "Mailroom-local-Storage"
STACKS = ("Mailroom-local-Identity", STORAGE)  # the others depend on these, and take most of a deployment's time


@pytest.fixture
def up(folder, assembly):
    with running(folder / "destroyed") as aws:
        cdk(
            aws.environment(), aws.log.with_name("deploy.log"), folder, "bootstrap", f"aws://{aws.account}/{aws.region}"
        )
        run(aws, assembly, "deploy", *STACKS, "--method", "direct", "--require-approval", "never")
        yield aws


def run(aws, assembly, command, *arguments):
    cdk(aws.environment(), aws.log.with_name(f"{command}.log"), ROOT, command, *arguments, "--app", str(assembly))


def client(aws, service):
    keys = {"aws_access_key_id": aws.access_key_id, "aws_secret_access_key": aws.secret_access_key}
    return closing(boto3.client(service, endpoint_url=aws.endpoint, region_name=aws.region, **keys))


def test_data_stays_when_a_stage_is_destroyed_and_is_there_when_it_is_deployed_again(up, assembly):
    with client(up, "cloudformation") as stacks, client(up, "dynamodb") as tables:
        [storage] = stacks.describe_stacks(StackName=STORAGE)["Stacks"]
        messages = next(item["OutputValue"] for item in storage["Outputs"] if item["OutputKey"] == "MessagesTable")
        tables.put_item(TableName=messages, Item={"id": {"S": "kept"}})

        said = f"Stack .*{STORAGE}.* cannot be deleted while TerminationProtection is enabled"
        with pytest.raises(NotDeployed, match=said):
            run(up, assembly, "destroy", "--all", "--force")

        left = {stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]}
        assert left == {"CDKToolkit", STORAGE}
        run(up, assembly, "deploy", *STACKS, "--method", "direct", "--require-approval", "never")
        assert tables.get_item(TableName=messages, Key={"id": {"S": "kept"}})["Item"] == {"id": {"S": "kept"}}

        stacks.update_termination_protection(StackName=STORAGE, EnableTerminationProtection=False)
        run(up, assembly, "destroy", "--all", "--force")
        assert [stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]] == ["CDKToolkit"]
        assert tables.get_item(TableName=messages, Key={"id": {"S": "kept"}})["Item"] == {"id": {"S": "kept"}}
        with pytest.raises(tables.exceptions.ClientError, match="deletion protection"):
            tables.delete_table(TableName=messages)
