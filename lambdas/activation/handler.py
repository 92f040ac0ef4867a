"""Makes our receipt rule set the active one, as a CloudFormation custom resource.

SES has one active rule set per account and region, setting one silently displaces the other, and CloudFormation has no
resource for it. So this asks first, and refuses to displace a set that is not ours.

A custom resource that does not answer hangs its stack until a timeout: every request is answered, whatever happens.
"""

from __future__ import annotations

import json
import logging
from http.client import HTTPConnection, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient

CONNECTIONS = {"https": HTTPSConnection, "http": HTTPConnection}  # plain HTTP is the embedded AWS's
ONE_PER_ACCOUNT_AND_REGION = "active-receipt-rule-set"  # unchanging, so that CloudFormation never "replaces" it
FOREIGN = (
    "The receipt rule set '{active}' is active and is not Mailroom's; SES has one active set per account and region. "
    "To join them: deactivate it (aws ses set-active-receipt-rule-set, without a name; no mail is received meanwhile), "
    "deploy again, then add its rules to Mailroom's set (aws ses describe-receipt-rule-set --rule-set-name {active} "
    "shows them). To keep them apart: deploy Mailroom in another region or account."
)

logger = logging.getLogger(__name__)
ses: SESClient = boto3.client("ses")


class ForeignRuleSet(Exception):
    """Another rule set than ours is active."""


def handler(event: dict[str, Any], _context: object) -> None:
    """Perform a custom resource request and PUT the outcome to its ResponseURL."""
    try:
        ACTIONS[event["RequestType"]](event)
        outcome = {"Status": "SUCCESS"}
    except ForeignRuleSet as refusal:
        outcome = {"Status": "FAILED", "Reason": str(refusal)}
    except Exception as error:
        logger.exception("The active rule set could not be asked for or set")
        outcome = {"Status": "FAILED", "Reason": repr(error)}
    respond(event, outcome)


def activate(event: dict[str, Any]) -> None:
    ours = event["ResourceProperties"]["RuleSetName"]
    before = event.get("OldResourceProperties", {}).get("RuleSetName")
    active = active_rule_set()
    if active not in (None, ours, before):
        raise ForeignRuleSet(FOREIGN.format(active=active))
    ses.set_active_receipt_rule_set(RuleSetName=ours)


def deactivate(event: dict[str, Any]) -> None:
    if active_rule_set() == event["ResourceProperties"]["RuleSetName"]:
        ses.set_active_receipt_rule_set()


ACTIONS = {"Create": activate, "Update": activate, "Delete": deactivate}


def active_rule_set() -> str | None:
    """The name of the active rule set; SES leaves Metadata out where there is none."""
    return ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")


def respond(event: dict[str, Any], outcome: dict[str, str]) -> None:
    """Answer as CloudFormation's custom resource response object: at most 4,096 bytes to a presigned S3 URL."""
    keys = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    body = json.dumps(keys | {"PhysicalResourceId": ONE_PER_ACCOUNT_AND_REGION} | outcome)
    url = urlsplit(event["ResponseURL"])
    connection = CONNECTIONS[url.scheme](url.netloc, timeout=10)
    # The signature covers an empty content type; urllib would send one of its own.
    connection.request("PUT", f"{url.path}?{url.query}", body.encode(), {"Content-Type": ""})
    status = connection.getresponse().status
    if status >= 300:
        raise ConnectionError(f"CloudFormation answered {status} to the custom resource's outcome")
