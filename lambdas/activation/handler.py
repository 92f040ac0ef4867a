"""Makes our receipt rule set the active one, as a CloudFormation custom resource.

SES has one active rule set per account and region, setting one silently displaces the other, and CloudFormation has no
resource for it. So this asks first, and refuses to displace a set that is not ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3

from lambdas.shared.custom_resource import Refused, answer

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient

ONE_PER_ACCOUNT_AND_REGION = "active-receipt-rule-set"  # unchanging, so that CloudFormation never "replaces" it
FOREIGN = (
    "The receipt rule set '{active}' is active and is not Mailroom's; SES has one active set per account and region. "
    "To join them: deactivate it (aws ses set-active-receipt-rule-set, without a name; no mail is received meanwhile), "
    "deploy again, then add its rules to Mailroom's set (aws ses describe-receipt-rule-set --rule-set-name {active} "
    "shows them). To keep them apart: deploy Mailroom in another region or account."
)

ses: SESClient = boto3.client("ses")


def handler(event: dict[str, Any], _context: object) -> None:
    answer(event, ACTIONS, physical_id=ONE_PER_ACCOUNT_AND_REGION)


def activate(event: dict[str, Any]) -> None:
    ours = event["ResourceProperties"]["RuleSetName"]
    before = event.get("OldResourceProperties", {}).get("RuleSetName")
    active = active_rule_set()
    if active not in (None, ours, before):
        raise Refused(FOREIGN.format(active=active))
    ses.set_active_receipt_rule_set(RuleSetName=ours)


def deactivate(event: dict[str, Any]) -> None:
    if active_rule_set() == event["ResourceProperties"]["RuleSetName"]:
        ses.set_active_receipt_rule_set()


ACTIONS = {"Create": activate, "Update": activate, "Delete": deactivate}


def active_rule_set() -> str | None:
    """The name of the active rule set; SES leaves Metadata out where there is none."""
    return ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
