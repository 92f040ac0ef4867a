"""Schedules: whom IAM lets make them, and what may come of them."""

import json
import subprocess
import sys
from contextlib import closing

import pytest
from botocore.exceptions import ClientError

from tests.integration.local.conftest import Aws

SCHEDULER = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
LONG_PAST = "at(2001-01-01T00:00:00)"


def policy(action, resource):
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
    )


@pytest.fixture(scope="session")
def queue(bare):
    url = bare.sqs.create_queue(QueueName="due")["QueueUrl"]
    arn = bare.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


@pytest.fixture(scope="session")
def role(bare):
    """Makes a role that the scheduler acts with, and that may send to one queue: `role("name", arn)`."""

    def make(name, may_send_to):
        trust = json.dumps({"Version": "2012-10-17", "Statement": [SCHEDULER]})
        arn = bare.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        document = policy("sqs:SendMessage", may_send_to)
        bare.iam.put_role_policy(RoleName=name, PolicyName="send", PolicyDocument=document)
        return arn

    return make


def schedule(aws, name, target, **more):
    window = {"Mode": "OFF"}
    aws.scheduler.create_schedule(
        Name=name, ScheduleExpression=LONG_PAST, FlexibleTimeWindow=window, Target=target, **more
    )


def test_a_permission_is_for_the_schedules_of_a_group(bare, queue, role):
    for group in ("ours", "theirs"):
        bare.scheduler.create_schedule_group(Name=group)
    bare.iam.create_user(UserName="planner")
    actions = ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"]
    document = policy(actions, "arn:aws:scheduler:us-east-1:000000000000:schedule/ours/*")
    bare.iam.put_user_policy(UserName="planner", PolicyName="plan", PolicyDocument=document)
    passing = role("nobody", "arn:aws:sqs:us-east-1:000000000000:none")
    bare.iam.put_user_policy(UserName="planner", PolicyName="pass", PolicyDocument=policy("iam:PassRole", passing))
    key = bare.iam.create_access_key(UserName="planner")["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    with closing(Aws(bare.up, **keys)) as planner:
        target = {"Arn": queue[1], "RoleArn": passing}
        schedule(planner, "one", target, GroupName="ours")
        planner.scheduler.delete_schedule(Name="one", GroupName="ours")
        for elsewhere in ({"GroupName": "theirs"}, {}):
            with pytest.raises(ClientError, match="AccessDenied"):
                schedule(planner, "one", target, **elsewhere)


def test_a_due_schedule_puts_its_input_into_a_queue_if_its_role_may(bare, queue, role):
    url, arn = queue
    schedule(bare, "not-allowed", {"Arn": arn, "RoleArn": role("other", f"{arn}-other"), "Input": '{"n": 1}'})
    schedule(bare, "allowed", {"Arn": arn, "RoleArn": role("sender", arn), "Input": '{"n": 2}'})
    assert bare.taken(url, 1) == [{"n": 2}]


def test_a_rule_that_the_clock_begins_reaches_a_queue_that_wants_encryption_if_its_policy_lets_it():
    sweep = [sys.executable, "-m", "tests.integration.local.sweep"]
    done = subprocess.run(sweep, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.splitlines()[-1:], done.returncode) == (['["open", "encrypted"]'], 0), done.stderr
