"""What goes into a function and what is found behind it."""

import json

import boto3


def queue(name):
    return boto3.client("sqs").create_queue(QueueName=name)["QueueUrl"]


def drain(name):
    """The JSON bodies in a queue, which is empty then."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    bodies = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            bodies.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def reasons():
    """Why the records in the dead-letter queue are there."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="dead-letters")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get("Messages", [])
    return [message["MessageAttributes"]["Reason"]["StringValue"] for message in found]


def batch(*bodies, receives=1):
    """An SQS event with these bodies, JSON or text."""
    return {
        "Records": [
            {
                "messageId": f"record-{index}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": str(receives)},
            }
            for index, body in enumerate(bodies)
        ]
    }


def bus_event(detail_type, detail, id="event-1"):
    return {"id": id, "detail-type": detail_type, "source": "shop", "detail": detail}


def sns(message):
    return {"Type": "Notification", "Message": json.dumps(message)}


def table(name, key, indexes):
    names = {attribute for attributes in (key, *indexes.values()) for attribute in attributes}
    optional = {
        "GlobalSecondaryIndexes": [
            {"IndexName": index, "KeySchema": schema(attributes), "Projection": {"ProjectionType": "ALL"}}
            for index, attributes in indexes.items()
        ]
    }
    boto3.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=schema(key),
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute in sorted(names)],
        **(optional if indexes else {}),
    )


def schema(attributes):
    return [
        {"AttributeName": attribute, "KeyType": kind}
        for attribute, kind in zip(attributes, ("HASH", "RANGE"), strict=False)
    ]


def listen():
    """A queue that hears all of the bus."""
    events = boto3.client("events")
    events.put_rule(Name="all", EventBusName="mailroom", EventPattern='{"source": ["mailroom"]}')
    arn = boto3.client("sqs").get_queue_attributes(QueueUrl=queue("heard"), AttributeNames=["QueueArn"])
    target = {"Id": "heard", "Arn": arn["Attributes"]["QueueArn"]}
    events.put_targets(Rule="all", EventBusName="mailroom", Targets=[target])
