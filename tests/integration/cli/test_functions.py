import time

import boto3
import pytest

from cli import deployment as module
from cli import functions
from cli.deployment import Deployment, Stack
from cli.functions import Function
from cli.functions import functions as read

LOG = """\
2026-11-21 10:00:00,000 ERROR [lambda] Warm worker execution error for stack-signup-1: Worker init failed: denied
2026-11-21 10:00:00,001 WARNING [lambda] ESM: Lambda stack-signup-1 failed processing SQS batch from q (errorType=E)
2026-11-21 10:00:03,000 WARNING [lambda] ESM: Lambda stack-signup-1 failed processing SQS batch from q (errorType=E)
2026-11-21 10:00:04,000 INFO [lambda] ESM: Lambda stack-send-1 processed 1 SQS messages from q
2026-11-21 10:00:05,000 ERROR [lambda] Warm worker execution error for stack-pages-1: Worker init failed: no module
"""


@pytest.fixture
def here(aws, laptop, monkeypatch):
    """Three functions on the laptop, two of them with queues; its log is as the embedded AWS writes it."""
    running = laptop()
    running.log.write_text(LOG)
    outputs = {"SignupFunction": "stack-signup-1", "SendFunction": "stack-send-1", "PagesFunction": "stack-pages-1"}
    queues = {"SignupQueue": "q-1", "SendQueue": "q-2"}
    monkeypatch.setattr(module, "client", lambda session, service, running: boto3.client(service))
    monkeypatch.setattr(functions, "log_group", lambda deployment, physical: f"/mailroom/{physical}")
    stack = Stack(name="Outbound", status="CREATE_COMPLETE", at="", outputs=outputs | queues)
    return Deployment(stage="local", session=boto3.Session(), account="0", stacks=(stack,), running=running)


def test_on_the_laptop_failed_calls_are_counted_from_its_log(here):
    log = str(here.running.log)
    assert read(here) == [
        Function(name="pages", errors=1, log=log),
        Function(name="send", errors=0, log=log),
        Function(name="signup", errors=2, log=log),
    ]


def test_on_the_laptop_tracebacks_of_a_function_without_a_queue_are_counted_by_call(here):
    logs, group = boto3.client("logs"), "/mailroom/stack-pages-1"
    logs.create_log_group(logGroupName=group)
    for stream, lines in {
        "call-1": ["START", "Traceback (most recent call last):", "ValueError", "Traceback (most recent call last):"],
        "call-2": ["START", "END"],
        "call-3": ["Traceback (most recent call last):"],
    }.items():
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        events = [{"timestamp": int(time.time() * 1000), "message": line} for line in lines]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    assert read(here)[0].errors == 3
