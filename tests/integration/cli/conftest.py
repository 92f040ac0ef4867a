"""The command on moto: a stage whose stacks' outputs name the tables, queues and bus of the `aws` fixture."""

import json
from pathlib import Path

import boto3
import pytest
from click.testing import CliRunner

from cli import deployment as module
from cli.deployment import Deployment, Stack
from cli.main import mailroom
from local.server import Running
from tests.integration.records import queue


def stacks():
    return (
        Stack(
            name="Storage",
            status="CREATE_COMPLETE",
            at="2026-11-21T10:00:00.000Z",
            outputs={
                "MessagesTable": "messages",
                "RecipientsTable": "recipients",
                "TokensTable": "tokens",
                "TicketsTable": "tickets",
                "CountsTable": "counts",
                "ReportsTable": "reports",
                "MailBucket": "mail",
                "BusName": "mailroom",
            },
        ),
        Stack(
            name="Inbound",
            status="UPDATE_COMPLETE",
            at="2026-11-21T11:00:00.000Z",
            outputs={
                "InboundQueue": queue("queue"),
                "InboundDeadLetters": queue("dead-letters"),
                "InboundFunction": "inbound-function",
            },
        ),
    )


@pytest.fixture
def account(aws, monkeypatch):
    """Stage `example`, deployed in an AWS account."""
    found = Deployment(
        stage="example", session=boto3.Session(region_name="us-east-1"), account="111122223333", stacks=stacks()
    )
    monkeypatch.setattr(module, "find", lambda stage: found)
    return found


@pytest.fixture
def laptop(monkeypatch, tmp_path):
    """Stage `local` on this laptop, as far as it needs no AWS: an outbox folder, and an SMTP port to be set."""
    (tmp_path / "outbox").mkdir()

    def make(smtp_port=0):
        running = Running(
            endpoint="http://127.0.0.1:1",
            smtp_port=smtp_port,
            submission_port=0,
            certificate=tmp_path / "smtp.pem",
            outbox=tmp_path / "outbox",
            account="000000000000",
            region="us-east-1",
            access_key_id="key",
            secret_access_key="secret",
            pid=1,
            log=tmp_path / "local.log",
        )
        found = Deployment(stage="local", session=boto3.Session(), account="000000000000", stacks=(), running=running)
        monkeypatch.setattr(module, "find", lambda stage: found)
        return running

    return make


@pytest.fixture
def run():
    """Runs the command; gives what it printed once its exit status is as expected: an error as text, JSON as data,
    and else its lines without those that only rule a table."""

    def invoke(*arguments, status=0, columns=80):
        result = CliRunner().invoke(mailroom, [*map(str, arguments)], env={"COLUMNS": str(columns)})
        assert result.exit_code == status, result.output
        if result.stderr:
            assert not result.stdout
            return result.stderr
        if "--json" in arguments:
            assert result.stdout.isascii()
            return json.loads(result.stdout)
        return [line.rstrip() for line in result.stdout.splitlines() if not line or line.strip("─ ")]

    return invoke


@pytest.fixture
def mail():
    return Path(__file__).parents[2] / "mail"
