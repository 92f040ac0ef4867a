"""Streams of tables: what is read of them, and whom IAM lets read."""

import json
from contextlib import closing

import pytest
from botocore.exceptions import ClientError

from tests.integration.local.conftest import Aws


@pytest.fixture(scope="session")
def stream(bare):
    """A table's stream with what was put into the table, changed, written again as it was, and deleted."""
    key = {"AttributeName": "id", "AttributeType": "S"}
    made = bare.dynamodb.create_table(
        TableName="changing",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[key],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    for value in ("1", "2", "2"):
        bare.dynamodb.put_item(TableName="changing", Item={"id": {"S": "a"}, "v": {"N": value}})
    bare.dynamodb.delete_item(TableName="changing", Key={"id": {"S": "a"}})
    return made["TableDescription"]["LatestStreamArn"]


def records(client, stream, **where):
    (shard,) = client.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = client.get_shard_iterator(StreamArn=stream, ShardId=shard["ShardId"], **where)["ShardIterator"]
    answer = client.get_records(ShardIterator=iterator)
    assert answer["NextShardIterator"]
    return [record["dynamodb"] for record in answer["Records"]]


def test_each_change_is_told_once_with_what_was_and_is_and_read_on_from_any(bare, stream):
    found = records(bare.dynamodbstreams, stream, ShardIteratorType="TRIM_HORIZON")
    images = [[record.get(name, {}).get("v", {}).get("N") for name in ("OldImage", "NewImage")] for record in found]
    assert images == [[None, "1"], ["1", "2"], ["2", None]]
    after = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": found[1]["SequenceNumber"]}
    assert records(bare.dynamodbstreams, stream, **after) == found[2:]
    unknown = {**after, "SequenceNumber": "0" * 30}
    with pytest.raises(ClientError, match="TrimmedDataAccessException"):
        records(bare.dynamodbstreams, stream, **unknown)


def test_a_permission_is_for_one_stream(bare, stream):
    bare.iam.create_user(UserName="reader")
    key = bare.iam.create_access_key(UserName="reader")["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def read(resource):
        actions = ["dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"]
        document = {"Effect": "Allow", "Action": actions, "Resource": resource}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [document]})
        bare.iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
        with closing(Aws(bare.up, **keys)) as reader:
            return len(records(reader.dynamodbstreams, stream, ShardIteratorType="TRIM_HORIZON"))

    assert read(stream) == 3
    with pytest.raises(ClientError, match="AccessDenied"):
        read(stream.replace("changing", "other"))
