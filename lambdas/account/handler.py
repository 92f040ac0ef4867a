"""Asks SES how the account stands, and publishes it as figures that alarms watch."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import boto3

from lambdas.account.standing import Standing
from lambdas.shared.metrics import publish
from lambdas.shared.queue import Queue, Rejected
from lambdas.shared.timestamps import now

if TYPE_CHECKING:
    from mypy_boto3_sesv2.type_defs import GetEmailIdentityResponseTypeDef

stage, rule_set = os.environ["STAGE"], os.environ.get("RULE_SET", "")
identities = json.loads(os.environ["IDENTITIES"])
queue = Queue.from_environment()
ses, sesv2 = boto3.client("ses"), boto3.client("sesv2")


def look(body: dict[str, Any]) -> None:
    if body.get("detail-type") != "LookAtAccount":
        raise Rejected(f"no command of the account: {body.get('detail-type')!r}")
    standing = Standing.read(
        sesv2.get_account(),
        {name: our_identity(name) for name in identities},
        active=active_rule_set(),
        ours=rule_set,
    )
    publish(standing.figures, {"Stage": stage}, now(), standing.facts)


def our_identity(name: str) -> GetEmailIdentityResponseTypeDef | None:
    try:
        return sesv2.get_email_identity(EmailIdentity=name)
    except sesv2.exceptions.NotFoundException:
        return None


def active_rule_set() -> str:
    """Empty where none is active, and where the stage has none and so nothing to lose."""
    return ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name", "") if rule_set else ""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return queue.process(event, context, look)
