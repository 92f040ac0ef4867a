"""What services of AWS may: by the policies of resources, and in roles that they take."""

import json
from typing import Any

from ministack.core import iam_evaluator, responses  # type: ignore[import-untyped]  # MiniStack ships no types
from ministack.services import iam  # type: ignore[import-untyped]  # as above

SES = "ses.amazonaws.com"


def policy_lets_ses(policy: dict[str, Any], action: str, arn: str, source_arn: str, account: str) -> bool:
    """Whether a resource's policy allows SES the action on behalf of `source_arn`."""
    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=arn,
        region=responses.get_region(),
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": account},
    )
    return bool(iam_evaluator.evaluate_resource_policy(policy, context, SES).decision == "Allow")


def role_trusts_ses(role_arn: str, source_arn: str, account: str) -> bool:
    """Whether there is the role and SES may take it on behalf of `source_arn`."""
    found = iam._roles.get(role_arn.rpartition("/")[2])  # noqa: SLF001 (no public hook)
    policy = json.loads(found["AssumeRolePolicyDocument"]) if found else {"Statement": []}
    # A trust policy is of the role and names no resource, without which MiniStack holds no statement for its own.
    statements = [{**statement, "Resource": "*"} for statement in policy["Statement"]]
    return policy_lets_ses({**policy, "Statement": statements}, "sts:AssumeRole", role_arn, source_arn, account)


def role_may(role_arn: str, action: str, resource: str) -> bool:
    """Whether the role's own policies allow the action to whom has taken it."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/service",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=responses.get_region(),
        secure_transport=True,
    )
    policies = iam_evaluator._gather_role_policies(name, account)  # noqa: SLF001 (no public hook)
    return bool(iam_evaluator.evaluate(context, policies).decision == "Allow")
