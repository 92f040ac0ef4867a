"""What time does to tickets, through the function's own handler."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from lambdas.shared.timestamps import iso
from tests.integration.records import batch
from tests.ticket_values import DELIVERY, MESSAGE, TICKET


@pytest.fixture
def team(handler):
    """The function, and a ticket that is open."""
    module = handler("tickets")
    opened(module, 1, "open", 0)
    return module


def opened(team, number, status, days):
    at = iso(datetime.now(UTC) - timedelta(days=days))
    ticket = replace(
        TICKET, number=number, status=status, token=f"t{number}", team_token=f"u{number}", created_at=at, updated_at=at
    )
    message = replace(MESSAGE, id=f"ses-{number}", raw_key=f"raw/ses-{number}", at=at)
    team.team.tickets.open(ticket, message, replace(DELIVERY, ses_id=message.id, ticket=number))
    boto3.client("s3").put_object(Bucket="mail", Key=message.raw_key, Body=b"raw")


def asked():
    """The commands that the function put into its own queue; they are taken away."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="queue")["QueueUrl"]
    taken = []
    while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in got:
            taken.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return taken


def performed(team, *commands):
    assert team.handler(batch(*commands), None) == {"batchItemFailures": []}
    return asked()


def test_once_a_day_the_long_solved_are_closed_and_the_long_closed_erased(team, heard):
    for number, (status, days) in enumerate(
        [("solved", 15), ("solved", 13), ("closed", 731), ("closed", 729), ("open", 800)], start=2
    ):
        opened(team, number, status, days)
    upkeep = {"detail-type": "Upkeep"}
    assert performed(team, *performed(team, upkeep, upkeep)) == []
    statuses = {
        number: found and found.status for number in range(2, 7) if (found := team.team.tickets.get(number)) or 1
    }
    assert statuses == {2: "closed", 3: "solved", 4: None, 5: "closed", 6: "open"}
    told = [(kind, event["id"]) for kind, event in heard()]
    day = iso(datetime.now(UTC))[:10]
    assert set(told) == {("TicketStatusChanged", f"2-closed-{day}"), ("TicketClosed", f"2-closed-{day}")}
    listed = boto3.client("s3").list_objects_v2(Bucket="mail")["Contents"]
    assert [item["Key"] for item in listed] == [f"raw/ses-{number}" for number in (1, 2, 3, 5, 6)]
    assert team.team.tickets.messages(4) == []
    assert team.team.tickets.find("token", "t4") is None


def test_what_does_not_fit_into_one_go_is_closed_and_erased_in_the_next(team, monkeypatch):
    monkeypatch.setattr("lambdas.tickets.upkeep.CLOSED_AT_ONCE", 2)
    for number in range(2, 5):
        opened(team, number, "solved", 15)
    for left in (1, 0):
        commands = performed(team, {"detail-type": "Upkeep"})
        assert len(commands) == 1 + left
        performed(team, *commands)
        assert [team.team.tickets.get(number).status for number in range(2, 5)].count("solved") == left


def test_a_ticket_is_told_to_be_closed_however_the_telling_broke_off(team, heard, monkeypatch):
    opened(team, 2, "solved", 15)
    [close] = performed(team, {"detail-type": "Upkeep"})
    with monkeypatch.context() as broken:
        broken.setattr(team.team.emit.__self__, "_name", "no-such-bus")
        assert team.handler(batch(close), None)["batchItemFailures"] != []
    assert (team.team.tickets.get(2).status, heard()) == ("closed", [])
    performed(team, close)
    assert [kind for kind, _ in heard()] == ["TicketStatusChanged", "TicketClosed"]


def test_a_ticket_that_was_written_to_since_it_was_due_stays_as_it_is(team, heard):
    opened(team, 2, "solved", 15)
    [close] = performed(team, {"detail-type": "Upkeep"})
    opened(team, 3, "solved", 1)
    performed(
        team, close | {"detail": close["detail"] | {"ticket": 3}}, close | {"detail": close["detail"] | {"ticket": 1}}
    )
    assert (team.team.tickets.get(3).status, team.team.tickets.get(1).status, heard()) == ("solved", "open", [])
