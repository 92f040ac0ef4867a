"""The embedded AWS from the outside, one for all these tests, with the small mail stack of mail.template.json in it."""

import json
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import boto3
import pytest

from local.server import running

TEMPLATE = Path(__file__).with_name("mail.template.json")
FUNCTIONS = Path(__file__).with_name("functions.template.json")
PROBE = Path(__file__).parent / "functions" / "probe.py"
QUEUES = ("EventsQueue", "ReceivedQueue")


class Aws:
    """Clients of one embedded AWS; `outputs` are those of the mail stack."""

    def __init__(self, up, **other):
        self.up = up
        keys = {"aws_access_key_id": up.access_key_id, "aws_secret_access_key": up.secret_access_key}
        self._settings = {"endpoint_url": up.endpoint, "region_name": up.region, **keys, **other}
        self._clients = {}
        self.outputs = {}

    def __getattr__(self, service):
        if service not in self._clients:
            name = service.removesuffix("_client")  # `lambda` is a keyword
            self._clients[service] = boto3.client(name, **self._settings)
        return self._clients[service]

    def close(self):
        for client in self._clients.values():
            client.close()

    def knob(self, name, /, **asked):
        url, body = f"{self.up.endpoint}/_mailroom/{name}", json.dumps(asked).encode()
        with closing(urllib.request.urlopen(urllib.request.Request(url, body, method="PUT"))) as answer:
            assert answer.status == 200

    def settle(self):
        with closing(urllib.request.urlopen(f"{self.up.endpoint}/_mailroom/settled")) as answer:
            assert json.load(answer) == {"settled": True}

    def deploy(self, name, template):
        self.cloudformation.create_stack(StackName=name, TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
        stack = until(lambda: self._finished(name))
        assert stack["StackStatus"] == "CREATE_COMPLETE", self.reasons(name)
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def _finished(self, name):
        stack = self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

    def reasons(self, name):
        events = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [event.get("ResourceStatusReason") for event in events if "FAILED" in event["ResourceStatus"]]

    def taken(self, queue, number):
        """Wait for so many messages and take them out, in the order they came."""
        found = []

        def take():
            answer = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
            for message in answer.get("Messages", []):
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            return len(found) >= number

        until(take)
        return found


def until(look, seconds=20):
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """With nothing in it yet."""
    with running(tmp_path_factory.mktemp("embedded")) as up, closing(Aws(up)) as clients:
        yield clients


@pytest.fixture(scope="session")
def deployed(bare):
    """With a domain that sends and receives; what the deployment itself published is taken out."""
    bare.outputs = bare.deploy("Mail", TEMPLATE.read_text())
    bare.ses.set_active_receipt_rule_set(RuleSetName=bare.outputs["RuleSet"])
    bare.published = {name: bare.taken(bare.outputs[name], 1) for name in QUEUES}
    return bare


@pytest.fixture
def mail(deployed):
    """With nothing left in its queues by the tests before, which may be any."""
    deployed.settle()
    for name in QUEUES:
        deployed.sqs.purge_queue(QueueUrl=deployed.outputs[name])
    return deployed


@pytest.fixture(scope="session")
def functions(deployed):
    """With a function that does what it is asked, and what Mailroom's stacks are made of around it."""
    template = json.loads(FUNCTIONS.read_text())
    template["Resources"]["Probe"]["Properties"]["Code"]["ZipFile"] = PROBE.read_text()
    deployed.functions = deployed.deploy("Functions", json.dumps(template))
    return deployed
