"""What wakes somebody: an alarm on every dead-letter queue, on every function's errors, on a destination's pause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions

from infra.connect import Connect
from infra.queued_function import QueuedFunction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from infra.function import Function
    from infra.settings import Settings


class Monitoring(cdk.Stack):
    def __init__(
        self, scope: Construct, id: str, *, settings: Settings, functions: Sequence[Function], **stack: Any
    ) -> None:
        super().__init__(scope, id, **stack)
        self._stage = settings.stage
        self._topic = self._alarms(settings.alarm_email)
        for function in functions:
            self._on_errors(function)
            if isinstance(function, QueuedFunction):
                self._on_dead_letters(function)
            if isinstance(function, Connect):
                self._on_pauses(function)

    def _alarms(self, email: str | None) -> sns.Topic:
        topic = sns.Topic(self, "Alarms", enforce_ssl=True)
        # A policy of its own takes away the default one, by which the account's own alarms could publish.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sns:Publish"],
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        if email:
            topic.add_subscription(subscriptions.EmailSubscription(email))
        return topic

    def _on_errors(self, function: Function) -> None:
        name = function.node.id
        self._alarm(
            f"{name}Errors",
            function.function.metric_errors(period=cdk.Duration.minutes(5), statistic="Sum"),
            f"{name} ended in an error within the last five minutes. Its messages, if it has any, are tried again. "
            f"First: mailroom --stage {self._stage} status",
        )

    def _on_dead_letters(self, function: QueuedFunction) -> None:
        name = function.node.id
        self._alarm(
            f"{name}DeadLetters",
            function.dead_letters.metric_approximate_number_of_messages_visible(
                period=cdk.Duration.minutes(1), statistic="Maximum"
            ),
            f"What {name} rejected, or failed at too often, waits in its dead-letter queue, for 14 days at most. "
            f"First: mailroom --stage {self._stage} status; once the cause is gone: "
            f"mailroom --stage {self._stage} redrive {name.lower()}",
        )

    def _on_pauses(self, connect: Connect) -> None:
        """At each poll `connect` logs of each destination whether it is paused: {"paused": 0 or 1}. A period that is as
        long as two polls holds at least one."""
        paused = logs.MetricFilter(
            self,
            "Paused",
            log_group=connect.log,
            metric_namespace=f"Mailroom/{self._stage}",
            metric_name="Paused",
            filter_pattern=logs.FilterPattern.number_value("$.paused", ">=", 0),
            metric_value="$.paused",
        )
        self._alarm(
            "DestinationPaused",
            paused.metric(period=cdk.Duration.minutes(10), statistic="Maximum"),
            "A destination is paused: it is told of nothing until it is resumed. "
            f"First: mailroom --stage {self._stage} connect status, which says why; once the cause is gone: "
            f"mailroom --stage {self._stage} connect resume NAME",
        )

    def _alarm(self, id: str, metric: cloudwatch.Metric, description: str) -> None:
        alarm = cloudwatch.Alarm(
            self,
            id,
            metric=metric,
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=description,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))
