import json
from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.stub import Stubber
from click.testing import CliRunner

from cli import deployment as module
from cli.deployment import Deployment, Stack, explained
from cli.main import mailroom

STAGES = {
    "local": {"account": "000000000000", "region": "us-east-1"},
    "example": {"account": "111122223333", "region": "eu-west-1"},
}
RUNNING = {
    "endpoint": "http://127.0.0.1:1",
    "smtp_port": 2525,
    "submission_port": 2587,
    "certificate": "/o/smtp.pem",
    "account": "000000000000",
    "region": "us-east-1",
    "access_key_id": "key",
    "secret_access_key": "secret",
    "pid": 1,
}


@pytest.fixture(autouse=True)
def checkout(monkeypatch, tmp_path):
    """A checkout with two stages, in a world without credentials."""
    (tmp_path / "cdk.json").write_text(json.dumps({"context": {"stages": STAGES}}))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "MAILROOM_STAGE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def up(checkout):
    """`make up` runs, here."""
    folder = checkout / ".mailroom"
    folder.mkdir()
    (folder / "local.json").write_text(json.dumps(RUNNING | {"outbox": str(folder / "outbox")}))


@pytest.fixture
def cloudformation(monkeypatch):
    """CloudFormation of the place that is asked; `asked` are the region and endpoint of each client."""
    client = boto3.client(
        "cloudformation", region_name="eu-west-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    stub = Stubber(client)
    stub.asked = []

    def make(session, service, running):
        stub.asked.append((session.region_name, running and running.endpoint))
        return client

    monkeypatch.setattr(module, "client", make)
    with stub:
        yield stub


def stack(name, **outputs):
    return {
        "StackId": f"arn:aws:cloudformation:eu-west-1:111122223333:stack/{name}/1",
        "StackName": name,
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": datetime(2026, 11, 21, 10, tzinfo=UTC),
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
    }


def fails(*arguments):
    ran = CliRunner().invoke(mailroom, arguments)
    assert ran.exit_code == 1
    assert not ran.stdout
    return ran.stderr


def test_with_nothing_running_the_laptops_stage_says_make_up():
    said = "Error: Stage local runs on this laptop, and nothing is running: start it with `make up`.\n"
    assert fails("tickets") == said


def test_before_its_stacks_are_there_the_laptops_stage_says_to_wait(up, cloudformation):
    cloudformation.add_response("describe_stacks", {"Stacks": []})
    said = "Error: Stage local is not deployed on this laptop yet: wait for `make up`, or start it again.\n"
    assert fails("tickets") == said


def test_another_stage_of_the_laptop_is_deployed_by_make_deploy(up, cloudformation, monkeypatch):
    monkeypatch.setattr(module, "stage_settings", lambda _: {"region": "us-east-1", "account": "000000000000"})
    cloudformation.add_response("describe_stacks", {"Stacks": []})
    said = "Error: Stage shop is not deployed on this laptop: `make deploy STAGE=shop` deploys it.\n"
    assert fails("--stage", "shop", "tickets") == said


def test_a_system_that_is_gone_says_make_up(up, cloudformation, monkeypatch):
    def gone(*_):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(module, "stacks_of", gone)
    said = "Error: Nothing answers at http://127.0.0.1:1 any more: start the system again with `make up`.\n"
    assert fails("tickets") == said


def test_a_stage_that_cdk_json_does_not_name_lists_those_it_does():
    assert fails("--stage", "prod", "tickets") == (
        "Error: cdk.json has no stage 'prod'; choose one of example, local with --stage or MAILROOM_STAGE.\n"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cdk.json cannot be read: "),
        ("{", "cdk.json is not JSON: Expecting property name"),
        ('{"context": {"stages": []}}', 'cdk.json has no object "stages" within "context": correct it first.'),
        ('{"context": {"stages": {}}}', "cdk.json has no stage 'shop'; `mailroom init` writes one."),
        ('{"context": {"stages": {"shop": null}}}', "stage shop: must be an object of settings; it is None"),
        ('{"context": {"stages": {"shop": {}}}}', "stage shop: its `region` is none; `mailroom --stage shop doctor`"),
        ('{"context": {"stages": {"shop": {"region": 1}}}}', "stage shop: its `region` is none"),
    ],
)
@pytest.mark.parametrize("command", [("tickets",), ("dns",), ("doctor", "--json"), ("sandbox", "request")])
def test_a_cdk_json_of_which_nothing_can_be_made_says_what_to_correct(checkout, text, words, command):
    (checkout / "cdk.json").unlink()
    if text is not None:
        (checkout / "cdk.json").write_text(text)
    ran = CliRunner().invoke(mailroom, ["--stage", "shop", *command])
    assert ran.exit_code == 1
    assert isinstance(ran.exception, SystemExit)
    told = json.loads(ran.stdout)["lines"][0]["said"] if "--json" in command else ran.stderr
    assert (words if command[0] == "tickets" else words.partition("its")[0]) in told


def test_without_credentials_an_account_cannot_be_asked():
    said = fails("--stage", "example", "tickets")
    assert said == (
        "Error: Stage example is in an AWS account, and there are no credentials for it (Unable to locate credentials):"
        " sign in (`aws sso login`, `aws configure`), or name a profile in AWS_PROFILE.\n"
    )


def test_an_unknown_profile_is_told_the_same_way(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "(The config profile (nobody) could not be found)" in fails("--stage", "example", "tickets")


def test_an_account_without_the_stacks_says_make_deploy(cloudformation):
    cloudformation.add_response("describe_stacks", {"Stacks": [stack("Mailroom-example-two-Storage"), stack("Other")]})
    assert fails("--stage", "example", "tickets") == (
        "Error: Stage example is not deployed in eu-west-1 of the account that your AWS credentials are for: "
        "`make deploy STAGE=example` deploys it.\n"
    )
    assert cloudformation.asked == [("eu-west-1", None)]


def test_the_stage_comes_from_the_environment_too(monkeypatch):
    monkeypatch.setenv("MAILROOM_STAGE", "prod")
    assert "no stage 'prod'" in fails("tickets")


def test_a_stage_in_an_account_has_the_outputs_of_its_own_stacks_on_every_page(cloudformation):
    pages = [
        {
            "Stacks": [
                stack("Mailroom-example-Storage", MessagesTable="m-1", BusName="bus-1"),
                stack("Mailroom-example-two-Storage", MessagesTable="m-2"),
            ],
            "NextToken": "more",
        },
        {"Stacks": [stack("Mailroom-example-Inbound", InboundQueue="q-1", InboundDeadLetters="d-1")]},
    ]
    cloudformation.add_response("describe_stacks", pages[0], {})
    cloudformation.add_response("describe_stacks", pages[1], {"NextToken": "more"})
    found = module.find("example")
    assert [stack.name for stack in found.stacks] == ["Storage", "Inbound"]
    assert (found.account, found.region, found.running) == ("111122223333", "eu-west-1", None)
    assert found.output("MessagesTable") == "m-1"
    assert found.outputs("Queue") == {"inbound": "q-1"}
    assert found.outputs("DeadLetters") == {"inbound": "d-1"}


def test_a_stage_that_runs_on_the_laptop_is_meant_before_the_account(up, cloudformation):
    cloudformation.add_response("describe_stacks", {"Stacks": [stack("Mailroom-example-Storage")]})
    found = module.find("example")
    assert found.running.smtp_port == 2525
    assert cloudformation.asked == [("us-east-1", "http://127.0.0.1:1")]


def test_a_stage_that_does_not_run_on_the_laptop_is_looked_for_in_the_account(up, cloudformation):
    cloudformation.add_response("describe_stacks", {"Stacks": [stack("Mailroom-local-Storage")]})
    cloudformation.add_response("describe_stacks", {"Stacks": [stack("Mailroom-example-Storage")]})
    assert module.find("example").running is None
    assert cloudformation.asked == [("us-east-1", "http://127.0.0.1:1"), ("eu-west-1", None)]


def test_the_current_folder_has_its_own_system(up, monkeypatch, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / ".mailroom").mkdir(parents=True)
    (elsewhere / ".mailroom" / "local.json").write_text(json.dumps(RUNNING | {"outbox": "/o", "smtp_port": 2626}))
    assert module.local_system().smtp_port == 2525
    monkeypatch.chdir(elsewhere)
    assert module.local_system().smtp_port == 2626


def test_an_output_that_no_stack_has_says_what_to_deploy():
    storage = Stack(name="Storage", status="CREATE_COMPLETE", at="", outputs={})
    found = Deployment(stage="example", session=boto3.Session(region_name="x"), account="1", stacks=(storage,))
    with pytest.raises(module.NotDeployed) as error:
        found.output("TicketsTable")
    assert error.value.message == (
        "No stack of stage example has the output TicketsTable: `make deploy STAGE=example` deploys it."
    )


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (
            ClientError({"Error": {"Code": "ExpiredToken", "Message": "x"}}, "DescribeStacks"),
            module.NotSignedIn,
            "AWS does not accept the credentials for stage example (ExpiredToken): sign in again.",
        ),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "DescribeStacks"),
            module.AwsFailed,
            "AWS refused DescribeStacks (AccessDenied): not authorized",
        ),
        (
            EndpointConnectionError(endpoint_url="https://sqs.eu-west-1.amazonaws.com"),
            module.AwsFailed,
            'AWS cannot be reached: Could not connect to the endpoint URL: "https://sqs.eu-west-1.amazonaws.com".',
        ),
        (
            NoCredentialsError(),
            module.NotSignedIn,
            "Stage example is in an AWS account, and there are no credentials for it (Unable to locate credentials): "
            "sign in (`aws sso login`, `aws configure`), or name a profile in AWS_PROFILE.",
        ),
    ],
)
def test_what_aws_has_against_it_is_one_sentence(raised, kind, message):
    with pytest.raises(kind) as error, explained("example"):
        raise raised
    assert error.value.message == message
    assert error.value.exit_code == 1
