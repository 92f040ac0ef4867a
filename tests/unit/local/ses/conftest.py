"""Our SES with a clock that stands still, and the rest of AWS as a list of what it was asked."""

from datetime import UTC, datetime, timedelta

import pytest

from local.ses.account import Account, ConfigurationSet, EventDestination, Identity
from local.ses.aws import Refused
from local.ses.service import Ses
from local.ses.wire import Call

TOPIC = "arn:aws:sns:us-east-1:000000000000:events"


class FakeAws:
    def __init__(self):
        self.published = []
        self.records = []
        self.objects = {}
        self.closed = set()
        self.keys = {}

    def check_publish(self, topic_arn, *, source_arn):
        if topic_arn in self.closed:
            raise Refused(topic_arn)

    def publish(self, topic_arn, subject, message, *, source_arn):
        self.check_publish(topic_arn, source_arn=source_arn)
        self.published.append((topic_arn, subject, message, source_arn))

    def check_put_record(self, stream_arn, *, role_arn, source_arn):
        if stream_arn in self.closed:
            raise Refused(stream_arn)

    def put_record(self, stream_arn, record, *, role_arn, source_arn):
        self.check_put_record(stream_arn, role_arn=role_arn, source_arn=source_arn)
        self.records.append((stream_arn, record, role_arn, source_arn))

    def key(self, access_key_id):
        return self.keys.get(access_key_id)

    def put_object(self, bucket, key, body, *, source_arn):
        if bucket in self.closed:
            raise Refused(bucket)
        self.objects[bucket, key] = body


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def pass_by(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def aws():
    return FakeAws()


@pytest.fixture
def ses(tmp_path, aws, clock):
    account = Account(id="000000000000", region="us-east-1", clock=clock)
    account.identities["acme.test"] = Identity(name="acme.test", since=clock(), mail_from="bounce.acme.test")
    everything = frozenset({"SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "DELIVERY_DELAY"})
    destination = EventDestination(name="all", enabled=True, event_types=everything, to=TOPIC)
    account.configuration_sets["main"] = ConfigurationSet(name="main", destinations={"all": destination})
    return Ses(account=account, aws=aws, outbox=tmp_path)


def call(operation="", **parameters):
    return Call(operation=operation, parameters=parameters, caller="tester")


def simple(to="mia@example.org", **more):
    """Parameters of SendEmail for a short text to one recipient."""
    text = {"Subject": {"Data": "Hi"}, "Body": {"Text": {"Data": "Hello"}}}
    sender = {"FromEmailAddress": "Acme <hello@acme.test>", "ConfigurationSetName": "main"}
    return {**sender, "Destination": {"ToAddresses": [to]}, "Content": {"Simple": text}, **more}
