"""An alarm and where it is heard: one topic, from which mail and chat have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

if TYPE_CHECKING:
    from infra.settings import Settings
    from infra.settings_alarms import Chat

AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
LESS_THAN = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD


@dataclass(frozen=True, kw_only=True)
class Raised:
    """When an alarm goes off: where `metric` is at `threshold` or above, `times` in the last `of` periods.

    Silence is no alarm, unless `missing` says otherwise. `says` is what it means and what to do first; `runbook` is the
    page in docs/runbooks that says all.
    """

    metric: cloudwatch.Metric
    says: str
    runbook: str
    threshold: float = 1
    compared: cloudwatch.ComparisonOperator = AT_LEAST
    times: int = 1
    of: int = 1
    missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING


class Alarms(Construct):
    def __init__(self, scope: cdk.Stack, *, settings: Settings) -> None:
        super().__init__(scope, "Alarms")
        self.topic = self._make_topic(scope.account)
        self.made: list[cloudwatch.Alarm] = []
        if settings.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
        if settings.alarm_chat:
            self._tell_chat(settings.stage, settings.alarm_chat)

    def add(self, id: str, raised: Raised) -> None:
        alarm = cloudwatch.Alarm(
            self,
            id,
            metric=raised.metric,
            threshold=raised.threshold,
            evaluation_periods=raised.of,
            datapoints_to_alarm=raised.times if raised.of > 1 else None,
            comparison_operator=raised.compared,
            treat_missing_data=raised.missing,
            alarm_description=f"{raised.says} Runbook: docs/runbooks/{raised.runbook}.md",
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        self.made.append(alarm)

    def _make_topic(self, account: str) -> sns.Topic:
        topic = sns.Topic(self, "Topic", enforce_ssl=True)
        # A policy of its own takes away the default one, by which the account's own alarms could publish.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sns:Publish"],
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": account}},
            )
        )
        return topic

    def _tell_chat(self, stage: str, chat: Chat) -> None:
        """Amazon Q Developer in chat applications, which was AWS Chatbot. It is to tell, and may do nothing: its role
        has no permissions, and the guardrail, which without one is AdministratorAccess, is to read CloudWatch."""
        role = iam.Role(self, "Chat", assumed_by=iam.ServicePrincipal("chatbot.amazonaws.com"))
        chatbot.CfnSlackChannelConfiguration(
            self,
            "Channel",
            configuration_name=f"Mailroom-{stage}",
            iam_role_arn=role.role_arn,
            slack_workspace_id=chat.workspace,
            slack_channel_id=chat.channel,
            sns_topic_arns=[self.topic.topic_arn],
            guardrail_policies=["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
        )
