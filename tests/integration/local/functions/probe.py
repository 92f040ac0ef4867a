"""A function that does what the test asks: one file, so nothing but the runtime's own packages is with it."""

import importlib
import json
import os
import urllib.request

import boto3
from botocore.exceptions import ClientError


def handler(event, context):
    if "Records" in event:
        return batch(event["Records"])
    if "ResponseURL" in event:
        return custom_resource(event)
    if event.get("version") == "2.0":
        return page(event)
    return globals()[event["do"]](event)


def environment(event):
    return dict(os.environ)


def load(event):
    try:
        return importlib.import_module(event["name"]).__name__
    except ImportError as error:
        return repr(error)


def call(event):
    """An operation of an AWS service with this function's own role: its answer, or the error's code and message."""
    try:
        answer = getattr(boto3.client(event["service"]), event["operation"])(**event["parameters"])
    except ClientError as error:
        return error.response["Error"]
    answer.pop("ResponseMetadata")
    return answer


def batch(records):
    failed = [record["messageId"] for record in records if "poison" in record["body"]]
    return {"batchItemFailures": [{"itemIdentifier": failure} for failure in failed]}


def page(event):
    """The request, as the function saw it."""
    headers = {"content-type": "application/json", "x-frame-options": "DENY"}
    return {"statusCode": 201, "headers": headers, "cookies": ["a=1", "b=2"], "body": json.dumps(event)}


def custom_resource(event):
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {
        "Status": "SUCCESS",
        "PhysicalResourceId": "custom",
        "Data": {"Said": event["ResourceProperties"]["Say"]},
    }
    request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
    urllib.request.urlopen(request).close()
