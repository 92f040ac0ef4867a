import json

import pytest

from cli.doctor.policies import bucket, event_files, queues, topics
from cli.doctor.policy import Policy
from tests.unit.cli.doctor.conftest import made, refused

ACCOUNT = "111122223333"
RULE = f"arn:aws:ses:eu-west-1:{ACCOUNT}:receipt-rule-set/Rules:receipt-rule/mailboxes"
TLS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sns:Publish",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
BOUND = {"StringEquals": {"AWS:SourceAccount": ACCOUNT, "AWS:SourceArn": RULE}}
LET = {"Effect": "Allow", "Principal": {"Service": "ses.amazonaws.com"}, "Action": "sns:Publish", "Condition": BOUND}
BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def resource(kind, physical):
    return {"list_stack_resources": {"StackResourceSummaries": [made(physical.title(), kind, physical)]}}


def test_a_service_is_let_in_for_our_account_alone():
    assert Policy(policy(TLS, LET)).lets("ses.amazonaws.com", "sns:Publish", ACCOUNT)
    assert not Policy(policy(TLS, LET)).lets("ses.amazonaws.com", "sns:Publish", "999999999999")
    assert not Policy(policy(TLS, LET)).lets("cloudwatch.amazonaws.com", "sns:Publish", ACCOUNT)
    assert not Policy(policy(TLS, LET)).lets("ses.amazonaws.com", "sns:Subscribe", ACCOUNT)
    assert not Policy("").lets("ses.amazonaws.com", "sns:Publish", ACCOUNT)


@pytest.mark.parametrize(
    ("statement", "strangers"),
    [
        (LET, []),
        (LET | {"Condition": {}}, ["sns:Publish"]),
        ({"Effect": "Allow", "Principal": "*", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"]}, None),
        (
            {
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": "sns:*",
                "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
            },
            [],
        ),
        ({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "s3:*"}, []),
        ({"Effect": "Allow", "Principal": {"AWS": [ACCOUNT, "999999999999"]}, "Action": "s3:*"}, ["s3:*"]),
        ({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": "s3:*"}, ["s3:*"]),
        (
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
            ["s3:GetObject"],
        ),
    ],
)
def test_what_strangers_may_do(statement, strangers):
    expected = ["sqs:ReceiveMessage", "sqs:SendMessage"] if strangers is None else strangers
    assert Policy(policy(statement)).open_to(ACCOUNT) == expected


def test_a_topic_that_ses_may_not_publish_to_is_an_error(case):
    def looked(text):
        answers = {
            "cloudformation": resource("AWS::SNS::Topic", "received"),
            "sns": {"get_topic_attributes": {"Attributes": {"Policy": text}}},
        }
        return [(line.level, line.said) for line in topics(case(stacks=["Inbound"], **answers))]

    assert looked(policy(TLS, LET)) == [("ok", "1 topics: AWS may publish to each, and nobody else")]
    assert looked(policy(TLS)) == [
        ("error", "ses.amazonaws.com may not publish to the topic Received, so that what it has to tell is lost")
    ]
    assert looked(policy(LET)) == [("warning", "the topic Received may be reached without TLS")]


def test_a_queue_that_anybody_may_write_to_is_an_error(case):
    open_to_all = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}
    answers = {
        "cloudformation": resource("AWS::SQS::Queue", "sends"),
        "sqs": {"get_queue_attributes": {"Attributes": {"Policy": policy(TLS, open_to_all)}}},
    }
    [line] = queues(case(stacks=["Outbound"], **answers))
    assert (line.level, line.said) == ("error", "the queue Sends lets strangers do sqs:SendMessage")
    assert "detect-stack-drift --stack-name Mailroom-shop-Outbound --region eu-west-1" in line.mend


@pytest.mark.parametrize(
    ("answers", "levels"),
    [
        ({}, ["ok"]),
        ({"get_bucket_policy": {"Policy": policy(TLS)}}, ["error"]),
        ({"get_bucket_policy": refused("GetBucketPolicy", "NoSuchBucketPolicy")}, ["warning", "error"]),
        (
            {"get_public_access_block": {"PublicAccessBlockConfiguration": BLOCK | {"BlockPublicAcls": False}}},
            ["error"],
        ),
        ({"get_public_access_block": refused("Get", "NoSuchPublicAccessBlockConfiguration")}, ["error"]),
    ],
)
def test_the_bucket_takes_mail_from_ses_and_is_closed(case, answers, levels):
    whole = {
        "get_bucket_policy": {"Policy": policy(TLS, LET | {"Action": "s3:PutObject"})},
        "get_public_access_block": {"PublicAccessBlockConfiguration": BLOCK},
    }
    looked = bucket(case(cloudformation=resource("AWS::S3::Bucket", "mail"), s3=whole | answers))
    assert [line.level for line in looked] == levels


TELLING = {"QueueConfigurations": [{"QueueArn": "arn", "Events": ["s3:ObjectCreated:*"]}]}
LET_S3 = {
    "Effect": "Allow",
    "Principal": {"Service": "s3.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
}


@pytest.mark.parametrize(
    ("telling", "lets", "levels"),
    [(TELLING, [LET_S3], ["ok"]), ({}, [LET_S3], ["error"]), (TELLING, [], ["error"])],
)
def test_files_of_events_that_nobody_is_told_of_are_an_error(case, telling, lets, levels):
    kinds = [("FilesBucket1", "AWS::S3::Bucket"), ("FeedbackQueue1", "AWS::SQS::Queue")]
    listed = [made(name, kind, name) for name, kind in kinds]
    looked = event_files(
        case(
            stacks=["Feedback"],
            cloudformation={"list_stack_resources": {"StackResourceSummaries": listed}},
            s3={
                "get_bucket_policy": {"Policy": policy(TLS)},
                "get_public_access_block": {"PublicAccessBlockConfiguration": BLOCK},
                "get_bucket_notification_configuration": telling,
            },
            sqs={"get_queue_attributes": {"Attributes": {"Policy": policy(TLS, *lets)}}},
        )
    )
    assert [line.level for line in looked] == levels
