"""Say on the bus that somebody signed up, as an application does."""

from __future__ import annotations

import json

import click

from cli.deployment import ROOT, AwsFailed, Deployment, deployed
from cli.output import as_json, print_json, show
from lambdas.shared.queue import Rejected
from lambdas.shared.schemas import Schemas

SOURCE = "mailroom.command"


@click.command()
@click.argument("address")
@click.option("--name", help="How the mail greets the person.")
@click.option("--user-id", help="Your own id of the user; comes back in EmailVerified.")
@as_json
@deployed
def signup(deployment: Deployment, address: str, name: str | None, user_id: str | None, *, as_json: bool) -> None:
    """Say on the bus that somebody signed up.

    Puts the event UserSignedUp with ADDRESS on the bus, as your application does, and prints the event's id. A mail
    with a link that verifies the address follows: see `mailroom messages`.
    """
    given = {"email": address, "name": name, "user_id": user_id}
    detail = {key: value for key, value in given.items() if value is not None}
    try:
        Schemas(ROOT / "docs" / "events").check("UserSignedUp", detail)
    except Rejected as rejected:
        raise click.UsageError(f"This would not be accepted: {rejected}.") from None
    entry = {
        "EventBusName": deployment.output("BusName"),
        "Source": SOURCE,
        "DetailType": "UserSignedUp",
        "Detail": json.dumps(detail),
    }
    answer = deployment.client("events").put_events(Entries=[entry])["Entries"][0]
    if "EventId" not in answer:
        raise AwsFailed(f"EventBridge refused the event ({answer.get('ErrorCode')}): {answer.get('ErrorMessage')}")
    if as_json:
        print_json({"event_id": answer["EventId"]})
    else:
        show(f"UserSignedUp is on the bus: event {answer['EventId']}")
