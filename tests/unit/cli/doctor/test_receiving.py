import pytest

from cli.doctor.receiving import region, rule_set
from tests.unit.cli.doctor.conftest import made, stack

OURS, RULES = "Mailroom-shop-Inbound-Rules-LyIz2WdhiXqs", "AWS::SES::ReceiptRuleSet"
RULE = {
    "Name": "mailboxes",
    "Enabled": True,
    "TlsPolicy": "Optional",
    "Recipients": ["support@acme.test"],
    "Actions": [{"S3Action": {"BucketName": "mail", "ObjectKeyPrefix": "raw/"}}],
    "ScanEnabled": True,
}
LISTED = {"StackResourceSummaries": [made("Rules", RULES, OURS)]}
INACTIVE = {"ResponseMetadata": {}}


@pytest.fixture
def looked(case):
    def run(answer, **more):
        of_aws = {
            "ses": {"describe_active_receipt_rule_set": answer},
            "cloudformation": {"list_stack_resources": LISTED},
        }
        return [(line.level, line.said) for line in rule_set(case(**of_aws, **more))]

    return run


def active(name=OURS, **rule):
    return {"Metadata": {"Name": name}, "Rules": [RULE | rule]}


def test_our_rule_set_is_active_and_receives_for_the_mailboxes(looked):
    assert looked(active()) == [("ok", "Mailroom's is active, and receives for support@acme.test")]


@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        (INACTIVE, "error", "no receipt rule set is active in place of Mailroom's: no mailbox receives"),
        (active("theirs"), "error", "the receipt rule set theirs is active in place of Mailroom's"),
        (active(Enabled=False), "error", "no enabled rule receives for support@acme.test"),
        (active(Recipients=["sales@acme.test"]), "error", "no enabled rule receives for support@acme.test"),
        (active(ScanEnabled=False), "warning", "does not have mail scanned"),
    ],
)
def test_a_rule_set_that_does_not_receive_is_an_error(looked, answer, level, words):
    [(found, said)] = looked(answer)
    assert found == level
    assert words in said


def test_reports_have_to_be_received_too(looked):
    stage = {"reports": "reports@acme.test"}
    assert looked(active(), stage=stage) == [("error", "no enabled rule receives for reports@acme.test")]
    both = active(Recipients=["support@acme.test", "reports@acme.test"])
    assert looked(both, stage=stage)[0][0] == "ok"


def test_before_a_deployment_a_foreign_rule_set_is_in_the_way(looked):
    assert looked(INACTIVE, stacks=())[0][0] == "ok"
    [(level, said)] = looked(active("theirs"), stacks=())
    assert (level, "a deployment would stop at it" in said) == ("error", True)


def test_after_a_first_deployment_that_was_taken_back_it_is_as_before(looked):
    assert (
        "a deployment would stop"
        in looked(active("theirs"), stacks=[stack("Inbound", status="ROLLBACK_COMPLETE")])[0][1]
    )


def test_a_stage_without_mailboxes_receives_nothing_and_needs_no_rules(looked, case):
    assert looked(INACTIVE, stage={"mailboxes": None}) == []
    [line] = region(case(stage={"mailboxes": None, "region": "eu-central-2"}))
    assert (line.level, line.said) == ("ok", "eu-central-2; the stage has no mailboxes, so nothing is received")


def test_the_region_receives(case):
    assert [line.said for line in region(case())] == ["SES receives mail in eu-west-1"]
