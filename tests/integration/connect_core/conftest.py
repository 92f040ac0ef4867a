import json
from dataclasses import replace
from itertools import count

import boto3
import pytest

from lambdas.shared.tickets.change import with_message
from lambdas.shared.tickets.links import Links
from tests.integration.connect_core.world import World
from tests.ticket_values import DELIVERY, MESSAGE, TICKET

MADE = count(1)
SECRET = "whsec_YW4gb2xkIGtleSBvZiAyNCBieXRlcyEh"


@pytest.fixture
def world(aws, handler, monkeypatch):
    """Two ticket systems of the support mailbox, one of another, and a webhook of the shop's."""
    held = {"email": "m@acme.test", "token": "secret-token", "secrets": [SECRET]}
    secret = boto3.client("secretsmanager").create_secret(Name="there", SecretString=json.dumps(held))
    given = [
        {"name": name, "kind": kind, "mailboxes": [f"{box}@acme.test"], "secret_arn": secret["ARN"]}
        for name, kind, box in (
            ("jira", "jira", "support"),
            ("zen", "zendesk", "support"),
            ("other", "jira", "billing"),
            ("hook", "webhook", "shop"),
        )
    ]
    monkeypatch.setenv("DESTINATIONS", json.dumps(given))
    return World(handler("connect"), monkeypatch)


@pytest.fixture
def opened(world):
    """A ticket with so many messages, one an internal note: `opened(3)` gives its number."""

    def open_ticket(messages=1):
        number = next(MADE)
        ticket = replace(TICKET, number=number, token=f"token-{number}", team_token=f"team-{number}")
        first = said(number, 0, text="Word 0\n\n> Your parcel")
        world.module.work.tickets.open(ticket, first, replace(DELIVERY, ses_id=first.id, ticket=number))
        for index in range(1, messages):
            add(world, number, said(number, index))
        return number

    return open_ticket


def said(number, index, **more):
    kind = ("mail", "answer", "note")[index % 3]
    at = f"2026-11-21T10:00:00.{index:03}Z"
    return replace(MESSAGE, **{"id": f"m-{number}-{index}", "at": at, "kind": kind, "reply": f"Word {index}"} | more)


def add(world, number, message, **fields):
    tickets = world.module.work.tickets
    tickets.act(replace(with_message(tickets.get(number), message), **fields), message)


@pytest.fixture
def links(aws):
    return Links(boto3.resource("dynamodb").Table("tickets"))


def sync(number, destination="jira"):
    return {
        "id": "s",
        "detail-type": "SyncTicket",
        "time": "2026-11-21T12:00:00.000Z",
        "detail": {"ticket": number, "destination": destination},
    }


def pull(remote, destination="jira"):
    return {
        "id": "p",
        "detail-type": "PullTicket",
        "time": "2026-11-21T12:00:00.000Z",
        "detail": {"destination": destination, "remote": remote},
    }


def there(world, number, destination="jira"):
    """The tickets of a ticket of ours there, each with the last line of its comments."""
    tickets = world.remotes[destination].tickets.values()
    ours = [ticket for ticket in tickets if ticket.marker.startswith(f"{number}-")]
    return [[comment.text.splitlines()[-1] for comment in ticket.comments] for ticket in ours]
