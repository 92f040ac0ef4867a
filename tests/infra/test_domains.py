"""A stage with several domains and all that SES has to offer: what each domain has of its own, which mail may come from
it, and what is made for a setting alone."""

import json

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from app import mailroom
from infra.bundle import bundle
from infra.settings import Settings
from tests.infra.conftest import CONTEXT, named

SES = "arn:aws:ses:eu-west-1:111122223333"
STAGE = {
    "account": "111122223333",
    "region": "eu-west-1",
    "domain": "acme.test",
    "sender": "Acme <hello@acme.test>",
    "domains": {
        "news.acme.test": {
            "streams": ["marketing"],
            "sender": "Acme News <news@news.acme.test>",
            "hosted_zone": {"id": "Z0123456789NEWS", "name": "news.acme.test"},
        },
        "acme-tours.test": {"mail_from": "returns", "dkim": "own"},
    },
    "mailboxes": [
        {"name": "Support", "address": "support@acme.test"},
        {"name": "Tours", "address": "office@acme-tours.test"},
    ],
    "smtp": True,
    "dedicated_ips": {"marketing": "managed"},
    "vdm": True,
    "tls_required_out": True,
    "tenant": "Acme",
}


@pytest.fixture(scope="session")
def several(tmp_path_factory):
    """The templates of STAGE, by the stack's short name."""
    folder = tmp_path_factory.mktemp("several")
    app = cdk.App(context=CONTEXT, outdir=str(folder))
    mailroom(app, Settings.read("several", STAGE), bundle("lambda"))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return {
        path.name.split("-")[-1].removesuffix(".template.json"): json.loads(path.read_text())
        for path in folder.glob("*.template.json")
    }


def of_type(template, kind):
    return {made: item["Properties"] for made, item in template["Resources"].items() if item["Type"] == kind}


def allowed(template, action, *, to):
    """Resources and condition of each statement that allows a role or a user the action."""
    policies = [item for made, item in of_type(template, "AWS::IAM::Policy").items() if made.startswith(to)]
    return [
        ({named(arn) for arn in item["Resource"]}, item["Condition"])
        for policy in policies
        for item in policy["PolicyDocument"]["Statement"]
        if item["Action"] == action
    ]


def test_each_domain_is_an_identity_whose_mail_is_by_default_of_a_stream_that_it_sends(several):
    found = of_type(several["Identity"], "AWS::SES::EmailIdentity")
    assert {
        made: (
            item["EmailIdentity"],
            item["MailFromAttributes"]["MailFromDomain"],
            named(item["ConfigurationSetAttributes"]["ConfigurationSetName"]),
            item.get("DkimSigningAttributes"),
        )
        for made, item in found.items()
    } == {
        "Domain66AC69E0": (
            "acme.test",
            "bounce.acme.test",
            "<Transactional>",
            {"NextSigningKeyLength": "RSA_2048_BIT"},
        ),
        "newsDotacmeDottestDomain79E0D1A6": (
            "news.acme.test",
            "bounce.news.acme.test",
            "<Marketing>",
            {"NextSigningKeyLength": "RSA_2048_BIT"},
        ),
        "acmeDashtoursDottestDomain936EA24C": ("acme-tours.test", "returns.acme-tours.test", "<Transactional>", None),
    }


def test_a_domain_with_a_hosted_zone_has_its_records_made_there_and_the_others_are_outputs(several):
    records = of_type(several["Identity"], "AWS::Route53::RecordSet").values()
    assert {record["HostedZoneId"] for record in records} == {"Z0123456789NEWS"}
    assert sorted((named(record["Name"]), record["Type"]) for record in records) == [
        ("<newsDotacmeDottestDomain.DkimDNSTokenName1>.", "CNAME"),
        ("<newsDotacmeDottestDomain.DkimDNSTokenName2>.", "CNAME"),
        ("<newsDotacmeDottestDomain.DkimDNSTokenName3>.", "CNAME"),
        ("_dmarc.news.acme.test.", "TXT"),
        ("bounce.news.acme.test.", "MX"),
        ("bounce.news.acme.test.", "TXT"),
    ]
    assert sorted(name for name in several["Identity"]["Outputs"] if name.endswith("Record")) == [
        "Dkim1Record",
        "Dkim2Record",
        "Dkim3Record",
        "DmarcRecord",
        "InboundMx1Record",
        "MailFromMxRecord",
        "MailFromSpfRecord",
        "acmeDashtoursDottestDmarcRecord",
        "acmeDashtoursDottestInboundMx1Record",
        "acmeDashtoursDottestMailFromMxRecord",
        "acmeDashtoursDottestMailFromSpfRecord",
    ]


def test_what_a_domain_of_its_own_key_is_signed_with_no_template_knows(several):
    (secret,) = of_type(several["Identity"], "AWS::SecretsManager::Secret").values()
    assert secret == {"Description": "What mail of acme-tours.test is signed with"}
    assert named(several["Identity"]["Outputs"]["acmeDashtoursDottestDkimSecret"]["Value"]) == (
        "<acmeDashtoursDottestDkimKey>"
    )
    assert "DomainSigningPrivateKey" not in json.dumps(several["Identity"])


def test_by_smtp_a_domain_sends_its_own_streams(several):
    assert allowed(several["Outbound"], "ses:SendRawEmail", to="SmtpUser") == [
        (
            {
                f"{SES}:identity/*",
                f"{SES}:configuration-set/<Transactional>",
                f"{SES}:configuration-set/<Marketing>",
            },
            {"StringLike": {"ses:FromAddress": ["*@acme.test", "*@acme-tours.test"]}},
        ),
        (
            {f"{SES}:identity/*", f"{SES}:configuration-set/<Marketing>"},
            {"StringLike": {"ses:FromAddress": ["*@news.acme.test"]}},
        ),
    ]


def test_functions_send_a_stream_from_the_addresses_of_domains_that_send_it(several):
    everywhere, tenant = f"{SES}:identity/*", {"ses:TenantName": "Acme"}
    both = {everywhere, f"{SES}:configuration-set/<Transactional>", f"{SES}:configuration-set/<Marketing>"}
    ours = ["hello@acme.test", "support@acme.test", "office@acme-tours.test"]
    for function in ("Send", "Tokens", "Api"):
        assert allowed(several["Outbound"], "ses:SendEmail", to=function) == [
            (both, {"StringEquals": {"ses:FromAddress": ours} | tenant}),
            (
                {everywhere, f"{SES}:configuration-set/<Marketing>"},
                {"StringEquals": {"ses:FromAddress": ["news@news.acme.test"]} | tenant},
            ),
        ]


def test_functions_know_the_senders_of_all_domains_and_every_identity_is_looked_at(several):
    variables = {
        made[:-8].removesuffix("Function"): item["Environment"]["Variables"]
        for template in several.values()
        for made, item in of_type(template, "AWS::Lambda::Function").items()
        if "Environment" in item
    }
    assert variables["Send"]["SENDERS"] == (
        '{"transactional": "Acme <hello@acme.test>", "marketing": "Acme News <news@news.acme.test>"}'
    )
    assert variables["Send"]["DOMAINS"] == '{"acme.test": [], "news.acme.test": ["marketing"], "acme-tours.test": []}'
    assert variables["Send"]["TENANT"] == "Acme"
    assert variables["Inbound"]["SENDER_ADDRESSES"] == '["hello@acme.test", "news@news.acme.test"]'
    assert variables["Account"]["IDENTITIES"] == '["acme.test", "news.acme.test", "acme-tours.test"]'
    (policy,) = [item for made, item in of_type(several["Monitoring"], "AWS::IAM::Policy").items() if "Account" in made]
    assert {
        named(arn)
        for item in policy["PolicyDocument"]["Statement"]
        if item["Action"] == "ses:GetEmailIdentity"
        for arn in item["Resource"]
    } == {f"{SES}:identity/{name}" for name in ("acme.test", "news.acme.test", "acme-tours.test")}


def test_of_what_ses_charges_extra_there_is_what_the_stage_asks_for(several, resources):
    def options(sets):
        names = ("DeliveryOptions", "VdmOptions")
        return {made[:-8]: {name: item[name] for name in names if name in item} for made, item in sets.items()}

    identity = several["Identity"]
    (pool,) = of_type(identity, "AWS::SES::DedicatedIpPool").values()
    assert pool == {"PoolName": "mailroom-several-marketing", "ScalingMode": "MANAGED"}
    marketing = options(of_type(identity, "AWS::SES::ConfigurationSet"))["Marketing"]
    assert named(marketing["DeliveryOptions"].pop("SendingPoolName")) == "<MarketingIps>"
    assert marketing == {
        "DeliveryOptions": {"TlsPolicy": "REQUIRE"},
        "VdmOptions": vdm("ENABLED", "ENABLED", "Options"),
    }
    assert options(of_type(identity, "AWS::SES::ConfigurationSet"))["Transactional"] == {
        "DeliveryOptions": {"TlsPolicy": "REQUIRE"},
        "VdmOptions": vdm("DISABLED", "ENABLED", "Options"),  # no pixel in a mail that is not to be tracked
    }
    (account,) = of_type(identity, "AWS::SES::VdmAttributes").values()
    assert account == vdm("DISABLED", "DISABLED", "Attributes")
    (tenant,) = of_type(identity, "AWS::SES::Tenant").values()
    assert tenant["TenantName"] == "Acme"
    assert sorted(named(item["ResourceArn"]) for item in tenant["ResourceAssociations"]) == [
        f"{SES}:configuration-set/<Marketing>",
        f"{SES}:configuration-set/<Transactional>",
        f"{SES}:identity/<Domain>",
        f"{SES}:identity/<acmeDashtoursDottestDomain>",
        f"{SES}:identity/<newsDotacmeDottestDomain>",
    ]
    for kind in ("DedicatedIpPool", "VdmAttributes", "Tenant"):
        assert not resources("example", f"AWS::SES::{kind}")
    unasked = {made: item["Properties"] for made, item in resources("example", "AWS::SES::ConfigurationSet").items()}
    plain = {"DeliveryOptions": {"TlsPolicy": "OPTIONAL"}}
    assert options(unasked) == {"Transactional": plain, "Marketing": plain}


def vdm(engagement, shared, kind):
    return {
        f"Dashboard{kind}": {"EngagementMetrics": engagement},
        f"Guardian{kind}": {"OptimizedSharedDelivery": shared},
    }
