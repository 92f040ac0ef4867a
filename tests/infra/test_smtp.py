"""Sending by SMTP: what the IAM user may do, and that its password is nowhere but in the secret."""

import json

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from app import mailroom
from infra.bundle import bundle
from infra.settings import Settings
from tests.infra.conftest import CONTEXT, named

SES = "arn:aws:ses:us-east-1:000000000000"


@pytest.fixture
def smtp(templates):
    """The resources of the construct in the Outbound stack, by type; of each type there is one."""
    found = templates("local")["Outbound"]["Resources"]
    return {item["Type"]: item for logical_id, item in found.items() if logical_id.startswith("Smtp")} | {
        "policy": next(item for item in found.values() if "Users" in item.get("Properties", {}))
    }


def test_the_user_may_send_raw_mail_from_the_domains_and_nothing_else(smtp):
    assert smtp["AWS::IAM::User"].get("Properties", {}) == {}
    assert [named(user) for user in smtp["policy"]["Properties"]["Users"]] == ["<SmtpUser>"]
    found = smtp["policy"]["Properties"]["PolicyDocument"]["Statement"]
    marketing = {f"{SES}:configuration-set/<Marketing>", f"{SES}:identity/*"}
    assert [{named(arn) for arn in statement.pop("Resource")} for statement in found] == [
        marketing | {f"{SES}:configuration-set/<Transactional>"},
        marketing,
    ]
    assert found == [
        {"Action": "ses:SendRawEmail", "Effect": "Allow", "Condition": {"StringLike": {"ses:FromAddress": names}}}
        for names in (["*@acme.test", "*@acme-tours.test"], ["*@news.acme.test"])
    ]


def test_an_identity_of_one_address_sends_from_that_address(tmp_path):
    app = cdk.App(context=CONTEXT, outdir=str(tmp_path))
    mailroom(app, Settings.read("trial", CONTEXT["stages"]["trial"] | {"smtp": True}), bundle("lambda"))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    template = json.loads((tmp_path / "Mailroom-trial-Outbound.template.json").read_text())
    (policy,) = [item for item in template["Resources"].values() if "Users" in item.get("Properties", {})]
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"ses:FromAddress": "you@example.com"}}


def test_the_key_is_made_by_a_function_and_no_template_knows_it(smtp, templates):
    key = smtp["Custom::SmtpKey"]["Properties"]
    assert {name: named(value) for name, value in key.items()} == {
        "ServiceToken": "<SmtpFunction.Arn>",
        "ServiceTimeout": "120",
        "UserName": "<SmtpUser>",
        "SecretArn": "<SmtpSecret>",
    }
    assert smtp["AWS::SecretsManager::Secret"]["Properties"] == {"Description": "Credentials for sending by SMTP"}
    assert "AWS::IAM::AccessKey" not in json.dumps(templates("local"))
    outputs = templates("local")["Outbound"]["Outputs"]
    found = {name: named(item["Value"]) for name, item in outputs.items() if name.startswith("Smtp")}
    assert found == {"SmtpFunction": "<SmtpFunction>", "SmtpUser": "<SmtpUser>", "SmtpSecret": "<SmtpSecret>"}


def test_all_of_it_goes_with_the_setting(smtp, resources, templates):
    kept = {item.get("DeletionPolicy") for item in smtp.values()}
    assert kept <= {None, "Delete"}
    exported = [name for name in templates("local")["Outbound"]["Outputs"] if name.startswith("ExportsOutput")]
    assert not [name for name in exported if "Smtp" in name]  # another stack's use of it would keep it there
    for stage in ("example", "trial"):
        assert resources(stage, "AWS::IAM::User") == {}
        assert resources(stage, "Custom::SmtpKey") == {}
