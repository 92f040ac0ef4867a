"""What Mailroom needs of MiniStack, and the private hooks it hangs on: red when an upgrade changes either."""

import base64
import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.integration.local.conftest import until


def depth(aws, queue):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return tuple(int(found[name]) for name in names)


def test_only_the_failed_records_of_a_batch_come_back_and_are_dead_lettered_and_redriven(functions):
    queue, dead = functions.functions["Queue"], functions.functions["DeadLetters"]
    entries = [{"Id": body, "MessageBody": body} for body in ("good", "poison", "fine")]
    functions.sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    until(lambda: depth(functions, dead) == (1, 0) and depth(functions, queue) == (0, 0))
    arns = {"SourceArn": functions.functions["DeadLettersArn"], "DestinationArn": functions.functions["QueueArn"]}
    functions.sqs.start_message_move_task(**arns)
    until(lambda: depth(functions, dead) == (0, 0))
    until(lambda: depth(functions, dead) == (1, 0) and depth(functions, queue) == (0, 0))


def test_no_message_is_lost_between_those_who_send_and_those_who_delete(functions):
    url = functions.sqs.create_queue(QueueName="busy")["QueueUrl"]
    arn = functions.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = functions.sns.create_topic(Name="busy")["TopicArn"]
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    functions.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    functions.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    with ThreadPoolExecutor(4) as senders:
        sent = [senders.submit(functions.sns.publish, TopicArn=topic, Message=str(number)) for number in range(100)]
        taken = functions.taken(url, 100)
        for publishing in sent:
            publishing.result()
    assert sorted(int(message["Message"]) for message in taken) == list(range(100))


def test_attributes_that_are_set_to_one_value_have_one_each(functions):
    table = functions.functions["Table"]
    update = {"TableName": table, "Key": {"id": {"S": "one value"}}, "ReturnValues": "ALL_NEW"}
    functions.dynamodb.update_item(
        **update, UpdateExpression="SET a = :none, b = :none", ExpressionAttributeValues={":none": {"M": {}}}
    )
    changed = functions.dynamodb.update_item(
        **update, UpdateExpression="SET a.x = :x REMOVE b.x", ExpressionAttributeValues={":x": {"S": "x"}}
    )
    assert changed["Attributes"] == {"id": {"S": "one value"}, "a": {"M": {"x": {"S": "x"}}}, "b": {"M": {}}}


def test_a_rule_puts_the_whole_event_into_a_queue_and_what_is_refused_into_its_dead_letter_queue(functions):
    entry = {"EventBusName": "probe", "Source": "shop", "DetailType": "SendMail", "Detail": '{"n": 1}'}
    functions.events.put_events(Entries=[entry])
    (heard,) = functions.taken(functions.functions["Heard"], 1)
    assert (heard["source"], heard["detail-type"], heard["detail"]) == ("shop", "SendMail", {"n": 1})
    (lost,) = functions.taken(functions.functions["Unheard"], 1)
    assert lost["detail"] == {"n": 1}


def request(aws, method, path, body=None, **headers):
    parts = urlsplit(aws.functions["Api"])
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=20)
    connection.request(method, path, body, {"Host": parts.netloc, **headers})
    answer = connection.getresponse()
    seen = json.loads(answer.read())
    connection.close()
    return answer, seen


def test_the_http_api_calls_with_payload_version_2(functions):
    answer, seen = request(functions, "GET", "/verify/a.b-c_d~e?x=1&x=2")
    assert answer.status == 201
    assert answer.getheader("x-frame-options") == "DENY"
    assert answer.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert seen["rawPath"] == "/verify/a.b-c_d~e"
    assert seen["pathParameters"] == {"token": "a.b-c_d~e"}
    assert seen["routeKey"] == "GET /verify/{token}"
    assert seen["queryStringParameters"] == {"x": "1,2"}
    assert seen["requestContext"]["http"]["method"] == "GET"
    assert seen["requestContext"]["stage"] == "$default"
    assert seen["isBase64Encoded"] is False


def test_the_http_api_hands_over_a_form(functions):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    _, seen = request(functions, "POST", "/verify/token", "a=1&b=%C3%A9", **headers)
    assert (seen["isBase64Encoded"], base64.b64decode(seen["body"])) == (True, b"a=1&b=%C3%A9")


def test_a_failed_condition_gives_the_old_item(functions):
    table = functions.functions["Table"]
    functions.dynamodb.put_item(TableName=table, Item={"id": {"S": "a"}, "v": {"N": "1"}})
    put = {"TableName": table, "Item": {"id": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(id)"}
    old = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    with pytest.raises(functions.dynamodb.exceptions.ConditionalCheckFailedException) as raised:
        functions.dynamodb.put_item(**put, **old)
    assert raised.value.response["Item"] == {"id": {"S": "a"}, "v": {"N": "1"}}
    other = {"Put": {"TableName": table, "Item": {"id": {"S": "b"}}}}
    with pytest.raises(functions.dynamodb.exceptions.TransactionCanceledException) as raised:
        functions.dynamodb.transact_write_items(TransactItems=[other, {"Put": put | old}])
    reasons = raised.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"] == {"id": {"S": "a"}, "v": {"N": "1"}}
    assert "Item" not in functions.dynamodb.get_item(TableName=table, Key={"id": {"S": "b"}})


def test_a_secret_is_generated(functions):
    secret = functions.secretsmanager.get_secret_value(SecretId=functions.functions["Key"])["SecretString"]
    assert len(secret) == 64


def test_a_secret_without_a_value_has_no_version_until_it_gets_one(functions):
    secrets, empty = functions.secretsmanager, functions.functions["Empty"]
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.get_secret_value(SecretId=empty)
    secrets.put_secret_value(SecretId=empty, SecretString="filled")
    assert secrets.get_secret_value(SecretId=empty)["SecretString"] == "filled"


def test_a_mapping_needs_a_role_that_may_poll(functions):
    template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
    mapping = {"FunctionName": functions.functions["Probe"], "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}}
    template["Resources"]["Mapping"] = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}
    with pytest.raises(AssertionError, match="does not have permissions to call ReceiveMessage on SQS"):
        functions.deploy("Unpermitted", json.dumps(template))


def test_a_custom_resource_answers_through_its_url(functions):
    assert functions.functions["Said"] == "hello"


def test_a_value_is_imported_from_another_stack(functions):
    resources = {"Topic": {"Type": "AWS::SNS::Topic"}}
    outputs = {"Table": {"Value": {"Fn::ImportValue": "probe-table"}}}
    imported = functions.deploy("Importing", json.dumps({"Resources": resources, "Outputs": outputs}))
    assert imported["Table"] == functions.functions["Table"]


def test_an_alarm_watches_one_metric(functions):
    (alarm,) = functions.cloudwatch.describe_alarms(AlarmNames=[functions.functions["Alarm"]])["MetricAlarms"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 1)


def test_nobody_is_root(bare):
    """MiniStack takes some keys for the account's root and looks at no signature: the gateway does not let them by."""
    for key in ("test", "000000000000"):
        other = type(bare)(bare.up, aws_access_key_id=key)
        with pytest.raises(ClientError, match="InvalidAccessKeyId"):
            other.s3.list_buckets()
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            other.sns.list_topics()
        with pytest.raises(ClientError, match="UnrecognizedClientException"):
            other.sesv2.get_account()
        other.close()


def test_a_wrong_secret_is_noticed(bare):
    other = type(bare)(bare.up, aws_secret_access_key="wrong")
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        other.sesv2.get_account()
    other.close()


def test_the_types_are_ours(mail):
    """The hook of provisioners has moved if this fails: MiniStack's own handlers know no DKIM tokens."""
    assert mail.outputs["Dkim"].endswith("._domainkey.acme.test")
