"""How mail comes in: one receipt rule for all mailboxes, which stores it, tells a topic, and is the active one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ses as ses

from infra.function import Function
from infra.nag import accept
from lambdas.shared.bucket import RAW

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sns as sns

    from infra.bundle import Bundle
    from infra.settings import Settings

RULE = "mailboxes"  # its name within our own rule set, which policies have to spell out


def reception(
    stack: cdk.Stack, *, settings: Settings, bundle: Bundle, bucket: s3.IBucket, received: sns.Topic
) -> tuple[str, Function]:
    """The name of the rule set, and the function that activates it."""
    rules = ses.CfnReceiptRuleSet(stack, "Rules")
    rule = _rule(stack, settings, rules, bucket, received)
    _let_publish(stack, rules, received)
    rule.node.add_dependency(received)  # its policy too, which SES checks when the rule is created
    return rules.ref, _activation(stack, bundle, rules, rule)


def _rule(
    stack: cdk.Stack, settings: Settings, rules: ses.CfnReceiptRuleSet, bucket: s3.IBucket, received: sns.Topic
) -> ses.CfnReceiptRule:
    """One rule for all mailboxes and for reports; SES matches their +labels by itself."""
    stored = ses.CfnReceiptRule.S3ActionProperty(
        bucket_name=bucket.bucket_name, object_key_prefix=RAW, topic_arn=received.topic_arn
    )
    return ses.CfnReceiptRule(
        stack,
        "Rule",
        rule_set_name=rules.ref,
        rule=ses.CfnReceiptRule.RuleProperty(
            name=RULE,
            enabled=True,
            recipients=[*settings.received],
            scan_enabled=True,  # else the spam and virus verdicts mean nothing
            tls_policy="Require" if settings.tls_required_in else "Optional",
            actions=[ses.CfnReceiptRule.ActionProperty(s3_action=stored)],
        ),
    )


def _let_publish(stack: cdk.Stack, rules: ses.CfnReceiptRuleSet, topic: sns.Topic) -> None:
    rule_arn = stack.format_arn(
        service="ses", resource="receipt-rule-set", resource_name=f"{rules.ref}:receipt-rule/{RULE}"
    )
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["sns:Publish"],
            principals=[iam.ServicePrincipal("ses.amazonaws.com")],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account, "aws:SourceArn": rule_arn}},
        )
    )


def _activation(stack: cdk.Stack, bundle: Bundle, rules: ses.CfnReceiptRuleSet, rule: ses.CfnReceiptRule) -> Function:
    """SES has one active rule set per account and region, and CloudFormation no way to say which."""
    function = Function(stack, "Activation", bundle=bundle, environment={}, memory_size=256)
    function.allow("ses:DescribeActiveReceiptRuleSet", "ses:SetActiveReceiptRuleSet", on="*")
    accept(
        function,
        "AwsSolutions-IAM5[Resource::*]",
        "SES has no resources for these two actions: the active rule set is the account's.",
    )
    active = cdk.CustomResource(
        stack,
        "ActiveRules",
        resource_type="Custom::ActiveReceiptRuleSet",
        service_token=function.function.function_arn,
        service_timeout=cdk.Duration.minutes(2),
        properties={"RuleSetName": rules.ref},
    )
    active.node.add_dependency(rule)
    return function
