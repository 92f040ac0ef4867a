"""Findings of cdk-nag's AwsSolutions that are accepted, each with its reason, beside what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

if TYPE_CHECKING:
    from constructs import IConstruct


def accept(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept the rule's finding on the construct and all in it; the reason is kept for who audits the templates."""
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))


def accept_arn(construct: IConstruct, arn: str, reason: str) -> None:
    """Accept that a policy on the construct names an ARN with a wildcard in it."""
    shown = arn.replace(cdk.Aws.ACCOUNT_ID, "<AWS::AccountId>").replace(cdk.Aws.PARTITION, "<AWS::Partition>")
    accept(construct, f"AwsSolutions-IAM5[Resource::{shown}]", reason)
