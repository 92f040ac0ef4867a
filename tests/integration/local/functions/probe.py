"""A function that does what the test asks: one file, so nothing but the runtime's own packages is with it."""

import importlib
import json
import os
import socket
import ssl
import sys
import time
import urllib.request
from pathlib import Path

import boto3
import urllib3
from botocore.exceptions import ClientError

SHARED = Path(os.environ["TMPDIR"])
if (SHARED / "die").exists():
    os._exit(1)


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


def get(event):
    """The status of an answer to a GET, by urllib3 and by the standard library."""
    with urllib3.PoolManager(retries=False) as pool:
        first = pool.request("GET", event["url"]).status
    with urllib.request.urlopen(event["url"], context=ssl.create_default_context()) as answer:
        return [first, answer.status]


def network(event):
    """What an operation of the module socket gives, or of a new socket of this family; or the error."""
    try:
        if "family" not in event:
            arguments = (tuple(each) if isinstance(each, list) else each for each in event["arguments"])
            return getattr(socket, event["operation"])(*arguments)
        with socket.socket(getattr(socket, event["family"]), getattr(socket, event["type"])) as made:
            *first, address = event["arguments"]
            return getattr(made, event["operation"])(*map(str.encode, first), tuple(address))
    except OSError as error:
        return f"{type(error).__name__}: {error.args[-1]}"


def say(event):
    sys.stdout.write(event["line"] + "\n")


def wait(event):
    """For the file "go", which a test makes once it has seen "waiting"."""
    (SHARED / "waiting").touch()
    while not (SHARED / "go").exists():
        time.sleep(0.02)
    return "waited"


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
