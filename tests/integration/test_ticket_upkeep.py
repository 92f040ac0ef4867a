"""What time does to tickets, through the function's own handler."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from lambdas.shared.timestamps import iso
from tests.integration.records import batch
from tests.integration.sends import waiting
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


def test_once_a_day_the_long_solved_are_closed_and_the_long_closed_erased(team, heard):
    for number, (status, days) in enumerate(
        [("solved", 15), ("solved", 13), ("closed", 731), ("closed", 729), ("open", 800)], start=2
    ):
        opened(team, number, status, days)
    upkeep = {"detail-type": "Upkeep"}
    assert team.handler(batch(upkeep, upkeep), None) == {"batchItemFailures": []}
    statuses = {
        number: found and found.status for number in range(2, 7) if (found := team.team.tickets.get(number)) or 1
    }
    assert statuses == {2: "closed", 3: "solved", 4: None, 5: "closed", 6: "open"}
    assert [(kind, event["ticket"]) for kind, event in heard()] == [("TicketStatusChanged", 2), ("TicketClosed", 2)]
    listed = boto3.client("s3").list_objects_v2(Bucket="mail")["Contents"]
    assert [item["Key"] for item in listed] == [f"raw/ses-{number}" for number in (1, 2, 3, 5, 6)]
    assert team.team.tickets.messages(4) == []
    assert team.team.tickets.find("token", "t4") is None


def test_what_does_not_fit_into_one_go_is_closed_and_erased_in_the_next(team, monkeypatch):
    monkeypatch.setattr("lambdas.tickets.upkeep.CLOSED_AT_ONCE", 2)
    for number in range(2, 5):
        opened(team, number, "solved", 15)
    for closed in (["closed", "closed", "solved"], ["closed", "closed", "closed"]):
        assert team.handler(batch({"detail-type": "Upkeep"}), None) == {"batchItemFailures": []}
        assert sorted(team.team.tickets.get(number).status for number in range(2, 5)) == closed
        assert waiting("queue") == 1  # only the first go left something to do
