"""What wakes somebody, and what they then look at: alarms, each with its runbook, and a dashboard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs

from infra import ses_alarms
from infra.account import Account
from infra.alarms import LESS_THAN, Alarms, Raised
from infra.connect import Connect
from infra.counts import Counts
from infra.dashboard import Dashboard, Watched
from infra.guard import Guard
from infra.metrics import FIVE_MINUTES, MAXIMUM, MINUTE, QUARTER, SECONDS, SECONDS_TO_SEND, SUM
from infra.queued_function import QueuedFunction

if TYPE_CHECKING:
    from constructs import Construct

    from infra.bundle import Bundle
    from infra.event_files import EventFiles
    from infra.function import Function
    from infra.settings import Settings
    from infra.standby_storage import StandbyStorage
    from infra.storage import Storage


class Monitoring(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        bundle: Bundle,
        storage: Storage | StandbyStorage,
        watched: Watched,
        **stack: Any,
    ) -> None:
        super().__init__(scope, id, **stack)
        self._status = f"mailroom --stage {settings.stage} status"
        self._command = f"mailroom --stage {settings.stage}"
        self._alarms = Alarms(self, settings=settings)
        account = Account(self, settings=settings, bundle=bundle, rule_set=watched.rule_set)
        guard = Guard(
            self,
            settings=settings,
            bundle=bundle,
            storage=storage,
            streams=watched.streams,
            topic=self._alarms.topic,
        )
        watched = replace(watched, functions=[*watched.functions, account, guard])
        for function in watched.functions:
            self._on_function(function)
        for queued in watched.queued:
            self._on_queue(queued)
            if isinstance(queued, Connect):
                self._on_pauses(queued, settings.stage)
            if isinstance(queued, Counts):
                self._on_lag(queued, settings.stage)
        self._on_silence(guard)
        self._on_files(watched.files)
        for name, raised in ses_alarms.of(watched).items():
            self._alarms.add(name, raised)
        dashboard = Dashboard(self, watched, self._alarms.made)
        page = f"https://{self.region}.console.aws.amazon.com/cloudwatch/home?region={self.region}"
        cdk.CfnOutput(self, "DashboardUrl", value=f"{page}#dashboards/dashboard/{dashboard.dashboard_name}")

    def _on_function(self, function: Function) -> None:
        name, metric = function.node.id, function.function.metric
        self._alarms.add(
            f"{name}Errors",
            Raised(
                metric=metric("Errors", statistic=SUM, period=FIVE_MINUTES),
                says=f"{name} ended in an error within the last five minutes. Its messages, if it has any, are tried "
                f"again. First: {self._status}.",
                runbook="errors",
            ),
        )
        self._alarms.add(
            f"{name}Throttles",
            Raised(
                metric=metric("Throttles", statistic=SUM, period=FIVE_MINUTES),
                times=3,
                of=3,
                says=f"For 15 minutes Lambda has refused calls of {name}: too much of the account runs at once. "
                "Messages wait in their queue; a call over HTTP fails.",
                runbook="throttles",
            ),
        )

    def _on_queue(self, function: QueuedFunction) -> None:
        name = function.node.id
        self._alarms.add(
            f"{name}DeadLetters",
            Raised(
                metric=function.dead_letters.metric(
                    "ApproximateNumberOfMessagesVisible", statistic=MAXIMUM, period=MINUTE
                ),
                says=f"What {name} rejected, or failed at too often, waits in its dead-letter queue, for 14 days at "
                f"most. First: {self._status}; once the cause is gone: {self._command} redrive {name.lower()}.",
                runbook="dead-letters",
            ),
        )
        self._alarms.add(
            f"{name}Age",
            Raised(
                metric=function.queue.metric("ApproximateAgeOfOldestMessage", statistic=MAXIMUM, period=FIVE_MINUTES),
                threshold=SECONDS_TO_SEND if name == "Send" else SECONDS,
                times=2,
                of=2,
                says=f"{name} does not keep up with its queue, or is not called at all. First: {self._status}.",
                runbook="age-of-oldest-message",
            ),
        )

    def _on_silence(self, guard: Guard) -> None:
        self._alarms.add(
            "GuardUnseen",
            Raised(
                metric=guard.function.metric("Invocations", statistic=SUM, period=QUARTER),
                compared=LESS_THAN,
                times=2,
                of=2,
                missing=cloudwatch.TreatMissingData.BREACHING,
                says="For half an hour nobody has looked at the rates of bounces and complaints: nothing would pause a "
                f"bad list. First: {self._status}.",
                runbook="guard-unseen",
            ),
        )

    def _on_files(self, files: EventFiles) -> None:
        self._alarms.add(
            "EventFilesLate",
            Raised(
                metric=files.age(FIVE_MINUTES),
                threshold=SECONDS,
                says="Firehose has events of SES's that are a quarter of an hour old, and no file of them is in the "
                "bucket: of mails sent and delivered nothing is known. It tries for a day; what it has then it loses.",
                runbook="event-files-late",
            ),
        )

    def _on_lag(self, counts: Counts, stage: str) -> None:
        """Each run logs how old the oldest change was that it found. The metric has values only while that is much."""
        lag = logs.MetricFilter(
            self,
            "Lag",
            log_group=counts.log,
            metric_namespace=f"Mailroom/{stage}",
            metric_name="CountsLag",
            filter_pattern=logs.FilterPattern.number_value("$.lag_seconds", ">=", SECONDS),
            metric_value="$.lag_seconds",
        )
        self._alarms.add(
            "CountsLate",
            Raised(
                metric=lag.metric(period=FIVE_MINUTES, statistic=MAXIMUM),
                threshold=SECONDS,
                says="What is counted of mails is a quarter of an hour old or more, so reports are, and the guard sees "
                f"nothing newer. First: {self._status}.",
                runbook="counts-late",
            ),
        )

    def _on_pauses(self, connect: Connect, stage: str) -> None:
        """At each poll `connect` logs of each destination whether it is paused: {"paused": 0 or 1}. A period that is as
        long as two polls holds at least one."""
        paused = logs.MetricFilter(
            self,
            "Paused",
            log_group=connect.log,
            metric_namespace=f"Mailroom/{stage}",
            metric_name="Paused",
            filter_pattern=logs.FilterPattern.number_value("$.paused", ">=", 0),
            metric_value="$.paused",
        )
        self._alarms.add(
            "DestinationPaused",
            Raised(
                metric=paused.metric(period=cdk.Duration.minutes(10), statistic=MAXIMUM),
                says="A destination is paused: it is told of nothing until it is resumed. First: "
                f"{self._command} connect status, which says why; once the cause is gone: "
                f"{self._command} connect resume NAME.",
                runbook="destination-paused",
            ),
        )
