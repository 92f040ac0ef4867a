"""`mailroom init` with an account of moto's, a zone of the DNS's, and a copy of cdk.json."""

import json
from pathlib import Path

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws

from cli import deployment
from cli.main import mailroom
from infra.settings import Settings
from tests.zone import SERVFAIL, serving

OURS = Path("cdk.json").read_bytes()
ALL = ("--domain", "acme.com", "--region", "eu-west-1", "--sender", "Acme <hello@acme.com>")
GOOGLE = "acme.com MX 1 aspmx.l.google.com"
ACCOUNT = "123456789012"  # moto's


@pytest.fixture
def file(tmp_path, monkeypatch):
    """The copy of cdk.json."""
    copy = tmp_path / "cdk.json"
    copy.write_bytes(OURS)
    monkeypatch.setattr(deployment, "ROOT", tmp_path)
    return copy


@pytest.fixture
def zone(monkeypatch):
    with serving(GOOGLE) as served:
        monkeypatch.setenv("MAILROOM_DNS", served.address)
        yield served


@pytest.fixture
def signed_in(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    # moto's ids do not begin with a Z, as AWS's do.
    monkeypatch.setattr("moto.route53.models.create_route53_zone_id", lambda **_: "Z0123456789ABC")
    with mock_aws():
        yield


@pytest.fixture
def signed_out(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


def run(*arguments, answers=(), status=0):
    given = "".join(f"{answer}\n" for answer in answers)
    ran = CliRunner().invoke(mailroom, ["init", *arguments], input=given)
    assert ran.exit_code == status, ran.output
    return ran.output


def stage(file, name):
    found = json.loads(file.read_bytes())["context"]["stages"][name]
    Settings.read(name, found)
    return found


def hosted(name, *, private=False):
    vpc = {"VPC": {"VPCRegion": "eu-central-1", "VPCId": "vpc-1"}} if private else {}
    config = {"PrivateZone": private, "Comment": ""}
    made = boto3.client("route53").create_hosted_zone(Name=name, CallerReference=name, HostedZoneConfig=config, **vpc)
    return made["HostedZone"]["Id"].rpartition("/")[2]


def test_who_presses_return_gets_a_whole_stage(file, zone, signed_in):
    made = hosted("acme.com")
    said = run(answers=["", "acme.com", *[""] * 8])
    assert "You are signed in to account 123456789012" in said
    assert f"Route 53 has the zone acme.com ({made}). Have the DNS records made there? [Y/n]" in said
    assert "Mail to acme.com goes to aspmx.l.google.com: mailboxes get a sub-domain, such as help.acme.com." in said
    assert stage(file, "production") == {
        "account": ACCOUNT,
        "region": "eu-central-1",
        "domain": "acme.com",
        "hosted_zone": {"id": made, "name": "acme.com"},
        "sender": "Acme <hello@acme.com>",
        "mailboxes": [{"name": "Acme Support", "address": "support@help.acme.com"}],
    }
    assert said.rpartition("Next:\n")[2].splitlines() == [
        "  mailroom --stage production dns     which DNS records it needs",
        "  mailroom --stage production doctor  what is missing, and what mends it",
        "  make bootstrap STAGE=production     once for each account and region",
        "  make deploy STAGE=production        shows what it will make, and asks",
    ]


def test_each_answer_that_cannot_be_is_told_why_and_asked_for_again(file, zone, signed_in):
    said = run(
        answers=[
            *("local", "a b", "shop"),
            *("acme", "https://acme.com", "ACME.com"),
            *("europe", "eu-west-1"),
            *("hello@other.com", '"Acme, Inc." <news@acme.com>'),
            *("Support", "support@other.com", "support@acme.com", "n", "Help <help@in.acme.com>"),
            *("help@in.acme.com", "-"),
            *("news acme.com", "news.acme.com"),
            *("nobody", "ops@example.com"),
            "y",
        ]
    )
    for told in (
        "cdk.json has a stage local already: choose another name, or write over it with --replace.",
        "use letters, digits and hyphens only.",
        "domain: must be a domain such as 'acme.com'",
        "region: must be an AWS region such as 'eu-west-1'; it is 'europe'",
        "sender: hello@other.com is not of acme.com; change one of them",
        "mailboxes: ",
        "support@other.com is not of acme.com",
        "All mail to acme.com, which goes to aspmx.l.google.com now, would come here instead. Do you want that? [y/N]",
        "alarm_email: must be an address",
    ):
        assert told in said
    assert stage(file, "shop") == {
        "account": ACCOUNT,
        "region": "eu-west-1",
        "domain": "acme.com",
        "sender": '"Acme, Inc." <news@acme.com>',
        "mailboxes": [{"name": "Help", "address": "help@in.acme.com"}],
        "domains": {"news.acme.com": {"streams": ["marketing"], "sender": '"Acme, Inc." <news@news.acme.com>'}},
        "alarm_email": "ops@example.com",
    }


def test_with_all_options_nothing_is_asked(file, zone, signed_in):
    made = hosted("acme.com")
    more = ("--mailbox", "Support <support@help.acme.com>", "--mailbox", "bills@help.acme.com", "--hosted-zone", "find")
    said = run("shop", *ALL, *more, "--marketing", "news.acme.com", "--alarm-email", "ops@example.com", "--json")
    told = json.loads(said)
    zone_of_both = {"id": made, "name": "acme.com"}
    assert told["settings"] == stage(file, "shop")
    assert told["settings"] == {
        "account": ACCOUNT,
        "region": "eu-west-1",
        "domain": "acme.com",
        "hosted_zone": zone_of_both,
        "sender": "Acme <hello@acme.com>",
        "mailboxes": [
            {"name": "Support", "address": "support@help.acme.com"},
            {"name": "bills@help.acme.com", "address": "bills@help.acme.com"},
        ],
        "domains": {
            "news.acme.com": {
                "streams": ["marketing"],
                "sender": "Acme <hello@news.acme.com>",
                "hosted_zone": zone_of_both,
            }
        },
        "alarm_email": "ops@example.com",
    }
    assert (told["notes"], told["next"][0]) == ([], "mailroom --stage shop dns")


def test_a_trial_needs_an_address_alone(file, zone, signed_in):
    said = run("try", answers=["Mia@example.org", "", "", "", "y"])
    assert "newsletters" not in said
    assert stage(file, "try") == {
        "account": ACCOUNT,
        "region": "eu-central-1",
        "address": "mia@example.org",
        "sender": "mia@example.org",
    }
    run("try2", "--trial", "mia@example.org", "--region", "eu-west-1", "--sender", "Mia <mia@example.org>")
    assert stage(file, "try2")["sender"] == "Mia <mia@example.org>"
    more = ("--trial", "mia@example.org", "--mailbox", "mia@example.org", "--marketing", "news.example.org")
    said = run("try3", *more, "--region", "eu-west-1", "--sender", "mia@example.org", status=2)
    assert "--mailbox and --marketing: a trial with one address has no domain, and none of that." in said
    assert "try3" not in file.read_text()


def test_what_would_be_in_the_way_is_said(file, zone, signed_in):
    hosted("acme.com", private=True)
    boto3.client("sesv2", region_name="eu-west-1").create_email_identity(EmailIdentity="acme.com")
    ses = boto3.client("ses", region_name="eu-west-1")
    ses.create_receipt_rule_set(RuleSetName="theirs")
    ses.set_active_receipt_rule_set(RuleSetName="theirs")
    said = run("shop", *ALL, "--mailbox", "support@acme.com")
    assert (
        "All mail to acme.com, which goes to aspmx.l.google.com now, would come here instead: give the mailbox" in said
    )
    assert "SES in eu-west-1 has the identity acme.com already (" in said
    assert "SES receives in eu-west-1 with the rule set theirs already" in said
    assert "Route 53" not in said


def test_a_zone_that_is_there_and_was_not_chosen_is_told(file, zone, signed_in):
    made = hosted("acme.com")
    said = run("shop", *ALL)
    assert f"Route 53 has the zone acme.com ({made}): --hosted-zone find has the DNS records made there." in said
    assert "hosted_zone" not in stage(file, "shop")


def test_without_credentials_and_without_a_dns_the_stage_is_written_all_the_same(file, zone, signed_out):
    zone.trouble["acme.com"] = SERVFAIL
    said = run("shop", *ALL, "--mailbox", "support@acme.com", "--hosted-zone", "Z0123456789ABC:acme.com")
    assert "AWS was not asked, for there are no credentials" in said
    assert "The DNS could not be asked for the MX records of acme.com: SERVFAIL" in said
    assert stage(file, "shop")["hosted_zone"] == {"id": "Z0123456789ABC", "name": "acme.com"}
    assert "account" not in stage(file, "shop")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["local", *ALL], "cdk.json has a stage local already"),
        (["a_b", *ALL], "use letters, digits and hyphens only"),
        (["shop", *ALL, "--domain", "acme"], "must be a domain such as"),
        (["shop", *ALL, "--trial", "a@acme.com"], "--domain or --trial"),
        (["shop", *ALL, "--sender", "Acme <hello@other.com>"], "hello@other.com is not of acme.com"),
        (["shop", *ALL, "--hosted-zone", "find"], "Route 53 does not say that it has a zone for acme.com"),
        (["shop", *ALL, "--hosted-zone", "acme.com"], "'acme.com' is neither find nor an id and a name"),
        (["shop", *ALL, "--hosted-zone", "Z0123456789ABC:other.com"], "other.com does not hold acme.com"),
        (["shop", *ALL, "--mailbox", "support@other.com"], "support@other.com is not of acme.com"),
        (
            ["shop", *ALL, "--region", "eu-central-2", "--mailbox", "support@acme.com"],
            "SES receives no mail in eu-central-2",
        ),
        (["shop", "--domain", "acme.com", "--json"], "--json asks nothing"),
    ],
)
def test_an_option_that_cannot_be_is_refused_and_nothing_is_written(file, zone, signed_in, arguments, said):
    assert said in " ".join(run(*arguments, status=2).split())
    assert file.read_bytes() == OURS


def test_a_profile_that_is_not_there_says_so_and_nothing_is_written(file, zone, signed_out, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "The config profile (nobody) could not be found): sign in" in " ".join(run("shop", *ALL, status=1).split())
    assert file.read_bytes() == OURS


def test_a_stage_is_written_over_where_that_is_said(file, zone, signed_in):
    run("trial", *ALL, "--replace")
    assert stage(file, "trial")["domain"] == "acme.com"
    assert list(json.loads(file.read_bytes())["context"]["stages"])[:3] == ["local", "trial", "example"]


@pytest.mark.parametrize("answered", [0, 3, 6, 8, 9])
def test_who_stops_half_way_has_changed_nothing(file, zone, signed_in, answered):
    answers = ["shop", "acme.com", "", "", "", "", "", "", "n"][:answered]
    assert "Aborted!" in run(answers=answers, status=1)
    assert file.read_bytes() == OURS


def test_a_region_that_receives_nothing_has_no_mailboxes(file, zone, signed_in):
    said = run("shop", answers=["acme.com", "eu-central-2", "", "", "", "y"])
    assert "SES receives no mail in eu-central-2, so there are no mailboxes." in said
    assert "mailboxes" not in stage(file, "shop")


def test_a_sub_domain_that_others_use_is_not_proposed(file, zone, signed_in):
    zone.replace(f"{GOOGLE}\nhelp.acme.com CNAME acme.zendesk.com\nsupport.acme.com MX 10 mx.example.net")
    assert "such as tickets.acme.com." in run("shop", answers=["acme.com", *[""] * 7])


@pytest.mark.parametrize(("text", "said"), [(b"{", "cdk.json is not JSON"), (b"\xff", "cdk.json cannot be read")])
def test_a_file_that_cannot_be_read_is_told(file, text, said):
    file.write_bytes(text)
    assert said in run("shop", *ALL, status=1)
