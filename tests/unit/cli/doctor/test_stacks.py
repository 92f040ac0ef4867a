import pytest

from cli.doctor.stacks import bootstrap, stacks, version
from infra.version import version as version_of
from tests.unit.cli.doctor.conftest import STACKS, refused, stack

NOT_THERE = refused("DescribeStacks", "ValidationError", "Stack with id CDKToolkit does not exist")


def toolkit(number, status="CREATE_COMPLETE"):
    output = {"OutputKey": "BootstrapVersion", "OutputValue": number}
    return {"describe_stacks": {"Stacks": [{"StackName": "CDKToolkit", "StackStatus": status, "Outputs": [output]}]}}


def told(lines):
    return [(line.check, line.level) for line in lines]


@pytest.mark.parametrize(
    ("answer", "level", "said"),
    [
        ({"describe_stacks": NOT_THERE}, "error", "the CDK is not bootstrapped in eu-west-1"),
        (toolkit("5"), "error", "the CDK's bootstrap is of version 5, and 6 is the least"),
        (toolkit("30"), "ok", "the CDK is bootstrapped, version 30"),
        (
            toolkit("30", "UPDATE_ROLLBACK_COMPLETE"),
            "warning",
            "the CDK's bootstrap, CDKToolkit, is in the state UPDATE_ROLLBACK_COMPLETE",
        ),
    ],
)
def test_the_bootstrap_is_looked_at(case, answer, level, said):
    [line] = bootstrap(case(cloudformation=answer))
    assert (line.level, line.said) == (level, said)
    assert line.mend == ("" if level == "ok" else "`make bootstrap STAGE=shop`")


def test_all_stacks_are_there(case):
    [line] = stacks(case())
    assert (line.level, line.said) == ("ok", "6 stacks are deployed, the last of them 2026-11-20 10:00 UTC")


def test_before_the_first_deployment_that_is_all_there_is_to_say(case):
    assert told(stacks(case(stacks=()))) == [("stacks", "warning")]
    assert told(version(case(stacks=()))) == []


def test_a_stage_without_mailboxes_needs_no_inbound_stack(case):
    some = tuple(name for name in STACKS if name != "Inbound")
    assert told(stacks(case(stacks=some))) == [("stacks", "error")]
    assert told(stacks(case(stacks=some, stage={"mailboxes": None}))) == [("stacks", "ok")]


def test_a_stack_whose_first_change_set_nobody_has_agreed_to_is_to_be_deployed(case):
    lines = list(stacks(case(stacks=[*STACKS[1:], stack("Identity", status="REVIEW_IN_PROGRESS")])))
    assert [(line.level, line.mend) for line in lines] == [("warning", "`make deploy STAGE=shop`")]
    assert lines[0].said == "Mailroom-shop-Identity has nothing in it: its change set waits for a yes"


@pytest.mark.parametrize(
    ("status", "level"),
    [
        ("UPDATE_IN_PROGRESS", "warning"),
        ("UPDATE_ROLLBACK_COMPLETE", "warning"),
        ("UPDATE_ROLLBACK_FAILED", "error"),
        ("ROLLBACK_COMPLETE", "error"),
        ("CREATE_FAILED", "error"),
        ("IMPORT_COMPLETE", "ok"),
    ],
)
def test_a_stack_that_is_not_whole_is_told(case, status, level):
    [line] = stacks(case(stacks=[*STACKS[:-1], stack("Monitoring", status=status)]))
    assert line.level == level
    assert level == "ok" or "Mailroom-shop-Monitoring" in line.said


def test_stacks_of_another_version_are_named(case):
    ours = {"Version": version_of(case().settings)}
    whole = [stack(name, outputs=ours) for name in STACKS]
    assert told(version(case(stacks=whole))) == [("version", "ok")]
    [line] = version(case(stacks=[*whole[:-1], stack("Monitoring", outputs={"Version": "0123456789abcdef"})]))
    assert (line.level, line.said.rpartition(": ")[2]) == ("warning", "Monitoring")
    assert line.mend == "`cdk diff --all -c stage=shop` shows what would change; `make deploy STAGE=shop`"
