"""What others say of the templates, and what a synth needs: Python and the repository, nothing else."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from infra.bundle import bundle
from tests.infra.conftest import CONTEXT, STAGES, named

# The CDK itself writes a DependsOn beside a reference to the same role.
CFN_LINT = (Path(sys.executable).with_name("cfn-lint"), "--ignore-checks", "W3005", "--template")


@pytest.mark.parametrize("stage", STAGES)
def test_cdk_nag_finds_nothing(synthesised, stage):
    """Synthesis fails on a finding; what is accepted is accepted in infra/, beside its reason."""
    assert (synthesised(stage) / "manifest.json").is_file()


def test_cfn_lint_finds_nothing(synthesised, twins):
    folders = [*(synthesised(stage) for stage in STAGES), twins]
    templates = [str(path) for folder in folders for path in folder.glob("*.template.json")]
    done = subprocess.run([*CFN_LINT, *templates], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def synth(folder, context):
    """Run app.py as the CDK CLI does, with nothing of AWS in the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": json.dumps(context)}
    environment |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    environment |= {"AWS_EC2_METADATA_DISABLED": "true", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run([sys.executable, "app.py"], env=environment, capture_output=True, text=True, check=False)


def test_synthesis_needs_no_aws_credentials(tmp_path):
    done = synth(tmp_path, CONTEXT | {"stage": "example"})
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("Mailroom-example-*.template.json"))) == 6


def test_what_is_wrong_is_said_in_one_line(tmp_path):
    done = synth(tmp_path, CONTEXT)
    assert (done.returncode, done.stderr) == (
        1,
        "no stage is chosen: choose one with `-c stage=NAME`. The stages in cdk.json are: example, local, trial.\n",
    )


FUNCTION = "AWS::Lambda::Function"
HANDLERS = [
    *("account", "activation", "api", "cognito", "connect", "counts", "feedback", "guard", "helpdesk", "hooks"),
    *("identities", "inbound", "pages", "replicas", "send", "smtp", "suppression", "tickets", "tokens"),
]


@pytest.fixture
def functions(resources, second):
    """Of the local stage, and those that only a standby region has."""
    found = {item["Properties"]["Handler"]: item["Properties"] for item in resources("local", FUNCTION).values()}
    there = [item for stack in second.values() for item in stack["Resources"].values() if item["Type"] == FUNCTION]
    return {item["Properties"]["Handler"]: item["Properties"] for item in there} | found


def test_there_is_a_function_for_every_handler(functions):
    assert sorted(functions) == [f"lambdas.{name}.handler.handler" for name in HANDLERS]
    assert sorted(path.parent.name for path in Path("lambdas").glob("*/handler.py")) == HANDLERS


@pytest.fixture
def only_given(monkeypatch):
    """Lambda's environment with a function's own variables, and nothing of the developer's: `only_given(function)`."""

    def give(function):
        for variable in os.environ.keys() - {"PATH", "HOME", "TMPDIR"}:
            monkeypatch.delenv(variable)
        given = function.get("Environment", {}).get("Variables", {})
        own = {"AWS_DEFAULT_REGION": "us-east-1", "LAMBDA_TASK_ROOT": str(bundle("host").path)}
        for variable, value in {**own, **given}.items():
            monkeypatch.setenv(variable, named(value))

    return give


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_starts_with_the_variables_that_its_function_is_given(functions, only_given, monkeypatch, name):
    function = functions[f"lambdas.{name}.handler.handler"]
    module, _, attribute = function["Handler"].rpartition(".")
    monkeypatch.delitem(sys.modules, module, raising=False)
    only_given(function)
    with mock_aws():
        boto3.client("secretsmanager").create_secret(Name="<TokenKey>", SecretString="s")
        assert callable(getattr(importlib.import_module(module), attribute))
    sys.modules.pop(module)
