"""Events by Firehose and S3 to a queue, with the policies that AWS asks for."""

import copy
import json
from urllib.parse import unquote_plus

import pytest

SOURCE = "arn:aws:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/${Set}"


def role(service, action, resource, condition=None):
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Statement": [statement | ({"Condition": condition} if condition else {})]},
            "Policies": [{"PolicyName": "It", "PolicyDocument": {"Statement": [allowed]}}],
        },
    }


STACK = {
    "Resources": {
        "Set": {"Type": "AWS::SES::ConfigurationSet"},
        "Queue": {"Type": "AWS::SQS::Queue"},
        "QueuePolicy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "Queue"}],
                "PolicyDocument": {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "s3.amazonaws.com"},
                            "Action": "sqs:SendMessage",
                            "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
                            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                        }
                    ]
                },
            },
        },
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "DependsOn": "QueuePolicy",
            "Properties": {
                "NotificationConfiguration": {
                    "QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}]
                }
            },
        },
        "Writer": role("firehose.amazonaws.com", "s3:PutObject", {"Fn::Sub": "${Bucket.Arn}/*"}),
        "Stream": {
            "Type": "AWS::KinesisFirehose::DeliveryStream",
            "Properties": {
                "ExtendedS3DestinationConfiguration": {
                    "BucketARN": {"Fn::GetAtt": ["Bucket", "Arn"]},
                    "RoleARN": {"Fn::GetAtt": ["Writer", "Arn"]},
                }
            },
        },
        "Publisher": role(
            "ses.amazonaws.com",
            "firehose:PutRecordBatch",
            {"Fn::GetAtt": ["Stream", "Arn"]},
            {"StringEquals": {"AWS:SourceAccount": {"Ref": "AWS::AccountId"}, "AWS:SourceArn": {"Fn::Sub": SOURCE}}},
        ),
        "Destination": {
            "Type": "AWS::SES::ConfigurationSetEventDestination",
            "Properties": {
                "ConfigurationSetName": {"Ref": "Set"},
                "EventDestination": {
                    "MatchingEventTypes": ["send"],
                    "KinesisFirehoseDestination": {
                        "DeliveryStreamARN": {"Fn::GetAtt": ["Stream", "Arn"]},
                        "IAMRoleARN": {"Fn::GetAtt": ["Publisher", "Arn"]},
                    },
                },
            },
        },
    },
    "Outputs": {"Queue": {"Value": {"Ref": "Queue"}}, "Set": {"Value": {"Ref": "Set"}}},
}


def test_each_event_is_a_file_that_the_queue_is_told_of(mail):
    made = mail.deploy("EventFiles", json.dumps(STACK))
    [test] = mail.taken(made["Queue"], 1)
    assert (test["Service"], test["Event"]) == ("Amazon S3", "s3:TestEvent")
    sent = {
        "FromEmailAddress": "hello@acme.test",
        "Destination": {"ToAddresses": ["mia@example.org"]},
        "Content": {"Simple": {"Subject": {"Data": "Hi"}, "Body": {"Text": {"Data": "Hello"}}}},
        "ConfigurationSetName": made["Set"],
    }
    ids = {mail.sesv2.send_email(**sent)["MessageId"] for _ in range(2)}
    told = [record["s3"] for message in mail.taken(made["Queue"], 2) for record in message["Records"]]
    files = [
        mail.s3.get_object(Bucket=file["bucket"]["name"], Key=unquote_plus(file["object"]["key"]))["Body"].read()
        for file in told
    ]
    assert [file.count(b"\n") for file in files] == [1, 1]
    assert {json.loads(file)["mail"]["messageId"] for file in files} == ids
    assert {json.loads(file)["eventType"] for file in files} == {"Send"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda made: made["Publisher"]["Properties"]["Policies"].clear(), "may not do firehose:PutRecordBatch"),
        (lambda made: made.update(Publisher=made["Writer"]), "cannot be assumed by ses.amazonaws.com"),
        (lambda made: made["Destination"]["Properties"].update(ConfigurationSetName="other"), "cannot be assumed"),
        (lambda made: made.pop("QueuePolicy") and made["Bucket"].pop("DependsOn"), "Unable to validate"),
    ],
)
def test_what_a_policy_does_not_allow_is_not_deployed(mail, change, said):
    stack, name = copy.deepcopy(STACK), f"Refused{len(mail.cloudformation.describe_stacks()['Stacks'])}"
    if "other" not in mail.sesv2.list_configuration_sets()["ConfigurationSets"]:
        mail.sesv2.create_configuration_set(ConfigurationSetName="other")
    change(stack["Resources"])
    with pytest.raises(AssertionError, match="ROLLBACK"):
        mail.deploy(name, json.dumps(stack))
    assert said in str(mail.reasons(name))
