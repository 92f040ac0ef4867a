"""Received mails by hand: one that was held back, one that nobody told of, all that slipped."""

from __future__ import annotations

import json
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import click
from botocore.exceptions import ClientError

from cli.deployment import CommandFailed, Deployment, NotFound, deployed
from cli.output import as_json, line, print_json, show
from cli.tickets import delivery_data
from cli.wait import SECONDS, seen
from lambdas.shared.bucket import raw_key, ses_id_of
from lambdas.shared.tickets.table import HELD, Tickets
from lambdas.shared.tickets.ticket import Delivery
from lambdas.shared.timestamps import iso, now

if TYPE_CHECKING:
    from collections.abc import Callable


@click.command("release")
@click.argument("ses_id", metavar="ID")
@click.option("--virus", is_flag=True, help="Also a mail that SES found a virus in.")
@as_json
@deployed
def release(deployment: Deployment, ses_id: str, *, virus: bool, as_json: bool) -> None:
    """Let a mail in that was taken for spam, or in quarantine.

    ID is as `mailroom tickets --aside` shows it. The mail is then handled as if nothing had been found in it, and what
    became of it is shown.

    \b
    Example:
      mailroom inbound release vkh1soibcjmrpl3bu5aq5in9i97r2o6b3do8ej2m
    """
    known = delivery(deployment, ses_id)
    if not known:
        raise NotFound(f"No mail {line(ses_id)} has come: `mailroom tickets --aside` shows the ids of those held back.")
    if known.outcome not in HELD:
        raise CommandFailed(f"Mail {line(ses_id)} is not held back: {became(known)}")
    if known.outcome == "quarantined" and not virus:
        raise CommandFailed(f"SES found a virus in mail {line(ses_id)}: let it in all the same with --virus.")
    put(deployment, "ReleaseMail", {"ses_id": ses_id} | ({"virus": True} if virus else {}))
    report(deployment, ses_id, lambda found: found.outcome not in HELD, as_json=as_json)


@click.command("retry")
@click.argument("key")
@as_json
@deployed
def retry(deployment: Deployment, key: str, *, as_json: bool) -> None:
    """Handle a received mail again that has no outcome.

    KEY is its object in the mail bucket, such as raw/vkh1soibcjmrpl3bu5aq5in9i97r2o6b3do8ej2m. A mail that has become
    what it should is left alone. `mailroom inbound reconcile` does it for all.
    """
    ses_id = ses_id_of(key)
    known = delivery(deployment, ses_id)
    if not (known and known.announced):
        exists(deployment, raw_key(ses_id))
        put(deployment, "RetryMail", {"key": raw_key(ses_id)})
    report(deployment, ses_id, lambda found: found.announced, as_json=as_json, otherwise=True)


@click.command("reconcile")
@as_json
@deployed
def reconcile(deployment: Deployment, *, as_json: bool) -> None:
    """Find received mails without an outcome, and handle them.

    It looks at the bucket's mails that are older than an hour and younger than 30 days. The stage does so by itself
    each day; this asks for it now and does not wait.
    """
    command = put(deployment, "Reconcile", {})
    if as_json:
        return print_json({"command": command})
    return show("Asked for. What is found shows in `mailroom tickets` and `mailroom tickets --aside`.")


def delivery(deployment: Deployment, ses_id: str) -> Delivery | None:
    return Tickets(deployment.table("TicketsTable")).delivery(ses_id)


def exists(deployment: Deployment, key: str) -> None:
    try:
        deployment.client("s3").head_object(Bucket=deployment.output("MailBucket"), Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
            raise
        raise NotFound(f"There is no mail {line(key)} in the bucket {deployment.output('MailBucket')}.") from None


def put(deployment: Deployment, kind: str, detail: dict[str, Any]) -> str:
    """Put a command into the queue of `inbound`, in the form of an event; gives its id."""
    command = {"id": str(uuid.uuid4()), "detail-type": kind, "time": iso(now()), "detail": detail}
    deployment.client("sqs").send_message(QueueUrl=deployment.output("InboundQueue"), MessageBody=json.dumps(command))
    return str(command["id"])


def report(
    deployment: Deployment,
    ses_id: str,
    ended: Callable[[Delivery], bool],
    *,
    as_json: bool,
    otherwise: bool = False,
) -> None:
    """Print what has become of a mail, once it has; `otherwise`: or what it is all the same after the time."""

    def look() -> Delivery | None:
        found = delivery(deployment, ses_id)
        return found if found and ended(found) else None

    found = seen(look) or (delivery(deployment, ses_id) if otherwise else None)
    if as_json:
        more = {"ticket": found.ticket} if found else {}
        return print_json({"ses_id": ses_id, "mail": delivery_data(found) | more if found else None})
    if found:
        return show(f"Mail {line(ses_id)}: {became(found)}")
    waits = f"Mail {line(ses_id)} is in the queue, and without an outcome after {SECONDS} seconds."
    return show(f"{waits} `mailroom status` shows how the queue inbound gets on.")


def became(found: Delivery) -> str:
    if found.ticket:
        return f"{line(found.outcome)}, ticket {found.ticket}."
    return f"{line(found.outcome)} ({line(found.reason)})." if found.reason else f"{line(found.outcome)}."
