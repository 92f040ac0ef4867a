"""The functions' own handlers on moto: tables, queues and the bus as the stacks make them, and what was heard."""

import dataclasses
import importlib
import json
import shutil
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Thread

import boto3
import pytest
from botocore.client import BaseClient
from botocore.stub import Stubber
from moto import mock_aws

from infra.bundle import SCHEMAS, compile_templates
from lambdas.shared.schemas import Schemas
from lambdas.shared.tickets.table import Tickets
from tests.integration.custom_resource import CloudFormation
from tests.integration.post import receiving
from tests.integration.records import drain, listen, queue, table

ROOT = Path(__file__).parents[2]
MAILBOXES = [
    {
        "name": "Acme Support",
        "address": "support@acme.test",
        "acknowledgement": "acknowledgement",
        "team": ["ann@acme.test"],
        "spam": "aside",
        "signature": "Acme Support, 1 Example Street",
    },
    {
        "name": "Acme Billing",
        "address": "billing@acme.test",
        "acknowledgement": None,
        "team": [],
        "spam": "ticket",
        "signature": "",
    },
]
TABLES = {
    "messages": (["id"], {"by_day": ["day", "created_at"]}),
    "recipients": (["address"], {"suppressed": ["listed", "listed_at"]}),
    "tokens": (["id"], {}),
    "tickets": (["pk", "sk"], {"by_view": ["view", "at"]}),
    "counts": (["pk", "sk"], {}),
    "reports": (["pk", "sk"], {}),
}


@pytest.fixture(scope="session")
def task_root(tmp_path_factory):
    """The bundle's templates and schemas, where Lambda says its code is."""
    root = tmp_path_factory.mktemp("task")
    compile_templates(root / "templates")
    for folder in SCHEMAS:
        shutil.copytree(ROOT / folder, root / "schemas", dirs_exist_ok=True)
    return root


CLIENTS = {}


def made(make, service, config=None):
    """Clients hold no state of moto's, and making one costs more than most tests."""
    key = (make, service, repr(config and vars(config)))
    if key not in CLIENTS:
        CLIENTS[key] = make(service, region_name="us-east-1", config=config)
    return CLIENTS[key]


@pytest.fixture
def aws(monkeypatch, task_root):
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        for name in ("client", "resource"):
            make = getattr(boto3, name)
            monkeypatch.setattr(boto3, name, partial(made, make))
        environment = {
            "LAMBDA_TASK_ROOT": str(task_root),
            "MESSAGES_TABLE": "messages",
            "RECIPIENTS_TABLE": "recipients",
            "TOKENS_TABLE": "tokens",
            "TICKETS_TABLE": "tickets",
            "COUNTS_TABLE": "counts",
            "REPORTS_TABLE": "reports",
            "REPORTS": '{"address": "reports@acme.test", "domains": ["acme.test"]}',
            "BUS_NAME": "mailroom",
            "MAIL_BUCKET": "mail",
            "EVENTS_BUCKET": "event-files",
            "MAILBOXES": json.dumps(MAILBOXES),
            "TICKETS_QUEUE_URL": queue("tickets"),
            "FEEDBACK_QUEUE_URL": queue("feedback"),
            "CLOSE_AFTER_DAYS": "14",
            "TICKET_DAYS": "730",
            "PRODUCT": "Acme",
            "BRAND": '{"product": "Acme", "logo_url": null, "color": "#1f5fd0", "footer": ""}',
            "SENDERS": '{"transactional": "Acme <hello@acme.test>", "marketing": "Acme News <news@news.acme.test>"}',
            "DOMAINS": '{"acme.test": [], "news.acme.test": ["marketing"]}',
            "SENDER_ADDRESSES": '["hello@acme.test", "news@news.acme.test"]',
            "CONFIGURATION_SETS": '{"transactional": "set-t", "marketing": "set-m"}',
            "PAGES_URL": "https://pages.example",
            "MAX_RECEIVES": "5",
            "ANNOUNCE": '["MailSent", "MailDelivered"]',
            "SOFT_BOUNCES": '{"most": 5, "days": 14}',
            "QUEUE_URL": queue("queue"),
            "DEAD_LETTERS_URL": queue("dead-letters"),
            "SEND_QUEUE_URL": queue("send"),
            "SEND_QUEUE_ARN": "arn:aws:sqs:us-east-1:123456789012:send",
            "TOKENS_QUEUE_URL": queue("tokens"),
            "SENDS_PER_SECOND": "1000",
            "SLOWED_BY": "10",
            "GUARD": '{"least": {"bounces": 200, "complaints": 2000}}',
            "STAGE": "test",
            "ALARMS_TOPIC": "arn:aws:sns:us-east-1:123456789012:alarms",
            "CLAIM_SECONDS": "600",
            "ATTACHMENT_BUCKETS": '["shop-files"]',
            "SCHEDULE_GROUP": "mailroom",
            "SCHEDULE_ROLE_ARN": "arn:aws:iam::123456789012:role/fires",
            "TOKEN_POLICY": '{"return_urls": ["https://shop.acme.test/account"], "code_digits": 6, "code_minutes": 10, '
            '"again_seconds": 60, "an_hour": 5, "source_an_hour": 20}',
            "TOKEN_KEY_ARN": boto3.client("secretsmanager").create_secret(Name="k", SecretString="s" * 64)["ARN"],
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        for name, (key, indexes) in TABLES.items():
            table(name, key, indexes)
        for bucket in ("mail", "event-files"):
            boto3.client("s3").create_bucket(Bucket=bucket)
        boto3.client("events").create_event_bus(Name="mailroom")
        boto3.client("scheduler").create_schedule_group(Name="mailroom")
        yield


@pytest.fixture
def handler(aws):
    """Imports a function's handler afresh, as a cold start does: `handler("send")`."""
    loaded = []

    def load(name):
        module = f"lambdas.{name}" if "." in name else f"lambdas.{name}.handler"
        sys.modules.pop(module, None)
        loaded.append(module)
        return importlib.import_module(module)

    yield load
    for module in loaded:
        sys.modules.pop(module, None)


@pytest.fixture
def sending(handler):
    """A function that sends, with an SES that does what the test says: `sending("send").ses.add_response(...)`.
    Several have one SES."""
    stubs = {}
    with ExitStack() as open_stubs:

        def stub(ses):
            stubber = open_stubs.enter_context(Stubber(ses))
            open_stubs.callback(stubber.assert_no_pending_responses)
            return stubber

        def load(name):
            module = handler(name)
            outbox = module.desk.outbox if name == "tokens" else module.outbox
            if outbox.ses not in stubs:
                stubs[outbox.ses] = stub(outbox.ses)
            module.ses = stubs[outbox.ses]
            return module

        yield load


@pytest.fixture
def send(sending, monkeypatch):
    for bucket in ("shop-files", "foreign"):
        boto3.client("s3").create_bucket(Bucket=bucket)
    module = sending("send")
    monkeypatch.setattr(module, "outbox", dataclasses.replace(module.outbox, sleep=lambda _: None))
    return module


@pytest.fixture
def receive(handler):
    """A mail that SES receives: `receive("gmail-new-question", "ses-1", dmarc="FAIL")`."""
    return receiving(handler("inbound"))


@pytest.fixture
def tickets(aws):
    return Tickets(boto3.resource("dynamodb").Table("tickets"))


@pytest.fixture
def asked(aws):
    """The commands in the queue of `tickets`, as (id, detail-type, detail); every detail fits its schema."""
    schemas = Schemas(ROOT / "docs" / "commands")

    def commands():
        bodies = drain("tickets")
        return [
            (body["id"], body["detail-type"], schemas.check(body["detail-type"], body["detail"])) for body in bodies
        ]

    return commands


@pytest.fixture
def heard(aws):
    """What went out on the bus, in order, as (detail-type, detail); every detail fits its schema."""
    listen()
    schemas = Schemas(ROOT / "docs" / "events")

    def events():
        bodies = drain("heard")
        return [(body["detail-type"], schemas.check(body["detail-type"], body["detail"])) for body in bodies]

    return events


class Death:
    """So many calls to AWS are made; nobody hears the answer of the last one, nor calls again."""

    def __init__(self):
        self.calls, self.at = 0, None

    def call(self, make, client, name, arguments):
        self.calls += 1
        answer = make(client, name, arguments) if self.at is None or self.calls <= self.at else None
        if self.at is None or self.calls < self.at:
            return answer
        raise ConnectionError("the function is dead")


@pytest.fixture
def death(monkeypatch):
    """Lets a function die at its nth call to AWS: `death.calls, death.at = 0, n`."""
    found, make = Death(), BaseClient._make_api_call
    monkeypatch.setattr(BaseClient, "_make_api_call", lambda *asked: found.call(make, *asked))
    return found


@pytest.fixture
def cloudformation():
    """Starts a server for the answers of custom resources: `cloudformation(200)`; they are (path, content type, body)
    in its `answers`."""
    servers = []

    def start(status=200):
        server = CloudFormation(status)
        servers.append(server)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
