"""What an operator keeps open: volume, delivery, reputation against AWS's limits and ours, queues, functions, costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from infra import costs
from infra.metrics import (
    AVERAGE,
    BOUNCES,
    COMPLAINTS,
    DAY,
    FIVE_MINUTES,
    HOUR,
    MAXIMUM,
    QUOTA_USED,
    SECONDS,
    SECONDS_TO_SEND,
    SUM,
    Limits,
    of_ses,
    of_set,
    ours,
    percent,
)
from infra.queued_function import QueuedFunction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_dynamodb as dynamodb
    from aws_cdk import aws_ses as ses
    from constructs import Construct

    from infra.event_files import EventFiles
    from infra.function import Function
    from infra.http_api import HttpApi
    from lambdas.shared.guard.policy import Policy

WIDE, HALF, THIRD, QUARTER = 24, 12, 8, 6  # columns of 24
LIMIT, WARNING = "#d13212", "#ff9900"
ON_ACCOUNT = {
    *("AccountBounceRate", "AccountComplaintRate", "AccountUnseen", "DailyQuota", "SendingRestricted"),
    *("RuleSetLost", "DkimLost", "MailFromLost"),
}


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a stage has to look at. `rule_set` is None where it receives nothing."""

    stage: str
    functions: Sequence[Function]
    streams: Mapping[str, ses.ConfigurationSet]
    rule_set: str | None
    http: HttpApi
    tables: Sequence[dynamodb.ITable]
    guard: Policy
    files: EventFiles

    @property
    def queued(self) -> list[QueuedFunction]:
        return [function for function in self.functions if isinstance(function, QueuedFunction)]


class Dashboard(cloudwatch.Dashboard):
    def __init__(self, scope: Construct, watched: Watched, alarms: Sequence[cloudwatch.Alarm]) -> None:
        super().__init__(
            scope,
            "Dashboard",
            default_interval=cdk.Duration.days(7),
            # Titles say "an hour" and "a day", so the periods stay what they are when one looks at a month.
            period_override=cloudwatch.PeriodOverride.INHERIT,
        )
        self._watched = watched
        self.add_widgets(*self._heading(alarms))
        self.add_widgets(*self._today())
        self.add_widgets(*self._volume())
        self.add_widgets(*self._reputation())
        self.add_widgets(*self._queues())
        self.add_widgets(*self._functions())
        self.add_widgets(*self._account(alarms))

    def _heading(self, alarms: Sequence[cloudwatch.Alarm]) -> list[cloudwatch.IWidget]:
        text = (
            f"# Mailroom, stage {self._watched.stage}\n"
            "Each alarm's description names its page in docs/runbooks. Figures of SES are the account's in this "
            f"region, of all its applications; `mailroom --stage {self._watched.stage} report` counts this stage's."
        )
        firing = cloudwatch.AlarmStatusWidget(
            alarms=alarms,
            title="In alarm",
            states=[cloudwatch.AlarmState.ALARM],
            sort_by=cloudwatch.AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
            width=HALF,
            height=3,
        )
        return [cloudwatch.TextWidget(markdown=text, width=HALF, height=3), firing]

    def _today(self) -> list[cloudwatch.IWidget]:
        outgoing = {"Send": "sent", "Delivery": "delivered", "Bounce": "bounced", "Complaint": "complained"}
        today = [of_ses(name, period=DAY, label=label) for name, label in outgoing.items()]
        if self._watched.rule_set:
            today.append(of_ses("Received", period=DAY, label="received", RuleSetName=self._watched.rule_set))
        account: list[cloudwatch.IMetric] = [
            percent(of_ses("Reputation.BounceRate", AVERAGE), "bounces, %"),
            percent(of_ses("Reputation.ComplaintRate", AVERAGE), "complaints, %"),
            ours("QuotaUsed", Stage=self._watched.stage, label="quota used, %"),
        ]
        return [
            cloudwatch.SingleValueWidget(title="Today (UTC)", metrics=today, width=14, height=3),
            cloudwatch.SingleValueWidget(title="Account", metrics=account, width=10, height=3),
        ]

    def _volume(self) -> list[cloudwatch.IWidget]:
        undelivered = cloudwatch.MathExpression(
            expression="100 * (sent - delivered) / sent",
            using_metrics={"delivered": of_ses("Delivery", period=DAY), "sent": of_ses("Send", period=DAY)},
            label="not delivered",
            period=DAY,
        )
        names = {"Send": "sent", "Delivery": "delivered", "Bounce": "bounced", "Reject": "rejected"}
        widgets: list[cloudwatch.IWidget] = [
            _graph("Mails out, an hour", [of_ses(name, label=label) for name, label in names.items()], width=THIRD),
            _graph("Not delivered, % of a day's mails", [undelivered], width=THIRD, unit="%"),
        ]
        if rule_set := self._watched.rule_set:
            received = of_ses("Received", label="received", RuleSetName=rule_set)
            names = {"PublishFailure": "not handed on yet (right)", "PublishExpired": "lost (right)"}
            failed = [of_ses(name, label=label, RuleSetName=rule_set) for name, label in names.items()]
            widgets.append(_graph("Mails in, an hour", [received], width=THIRD, right=failed))
        return widgets

    def _reputation(self) -> list[cloudwatch.IWidget]:
        return [
            self._rates("Bounces, % of mails", "BounceRate", BOUNCES, self._watched.guard.warn.bounces),
            self._rates("Complaints, % of mails", "ComplaintRate", COMPLAINTS, self._watched.guard.warn.complaints),
        ]

    def _rates(self, title: str, name: str, limits: Limits, warned: float) -> cloudwatch.IWidget:
        """SES's own rate of the account and of each set, and each stream's as `guard` counts it."""
        rates: list[cloudwatch.IMetric] = [percent(of_ses(f"Reputation.{name}", AVERAGE), "account")]
        for stream, configuration_set in self._watched.streams.items():
            set_name = configuration_set.configuration_set_name
            rates.append(percent(of_set(f"Reputation.{name}", set_name, label=stream), f"{stream}, by SES"))
        for stream in self._watched.streams:
            metric = ours(name, period=HOUR, Stage=self._watched.stage, Stream=stream, label=f"{stream}, by us")
            rates.append(metric)
        lines = [
            _line(limits.reviewed, LIMIT, f"AWS reviews ({limits.reviewed:g}), pauses at {limits.paused:g}"),
            _line(limits.alarmed, WARNING, f"alarm, account ({limits.alarmed:g})"),
            _line(warned, WARNING, f"alarm, stream ({warned:g})"),
        ]
        return _graph(title, rates, width=HALF, height=8, unit="%", lines=lines)

    def _queues(self) -> list[cloudwatch.IWidget]:
        def each(name: str, *, dead: bool = False) -> list[cloudwatch.IMetric]:
            return [
                (function.dead_letters if dead else function.queue).metric(
                    name, statistic=MAXIMUM, period=FIVE_MINUTES, label=function.node.id
                )
                for function in self._watched.queued
            ]

        waiting, age = "ApproximateNumberOfMessagesVisible", each("ApproximateAgeOfOldestMessage")
        too_old = [
            _line(SECONDS_TO_SEND, WARNING, f"alarm, Send ({SECONDS_TO_SEND})"),
            _line(SECONDS, WARNING, f"alarm ({SECONDS})"),
        ]
        return [
            _graph("Age of the oldest message", age, width=THIRD, unit="seconds", lines=too_old),
            _graph("Messages that wait", each(waiting), width=THIRD),
            _graph("Dead letters", each(waiting, dead=True), width=THIRD),
        ]

    def _functions(self) -> list[cloudwatch.IWidget]:
        def each(name: str, statistic: str, period: cdk.Duration) -> list[cloudwatch.IMetric]:
            return [
                function.function.metric(name, statistic=statistic, period=period, label=function.node.id)
                for function in self._watched.functions
            ]

        api = self._watched.http
        answers = [api.metric("Latency", p, f"{p}, ms") for p in ("p50", "p95", "p99")]
        failed = api.metric("5xx", SUM, "answers 5xx (right)")
        return [
            _graph("Duration (95 of 100 take less)", each("Duration", "p95", HOUR), width=THIRD, unit="ms"),
            _graph("Errors", each("Errors", SUM, FIVE_MINUTES), width=QUARTER - 1),
            _graph("Throttles", each("Throttles", SUM, FIVE_MINUTES), width=QUARTER - 1),
            _graph("HTTP API", answers, width=QUARTER, unit="ms", right=[failed]),
        ]

    def _account(self, alarms: Sequence[cloudwatch.Alarm]) -> list[cloudwatch.IWidget]:
        used = ours("QuotaUsed", period=HOUR, Stage=self._watched.stage, label="used")
        on_ses = [alarm for alarm in alarms if alarm.node.id in ON_ACCOUNT]
        return [
            _graph(
                "SES quota used, % of 24 hours",
                [used],
                width=THIRD,
                unit="%",
                lines=[_line(QUOTA_USED, WARNING, f"alarm ({QUOTA_USED})"), _line(100, LIMIT, "SES takes no more")],
            ),
            cloudwatch.AlarmStatusWidget(alarms=on_ses, title="Account and identity", width=THIRD, height=6),
            _graph("Costs by list price, $ a day", self._costs(), width=THIRD, unit="$", stacked=True),
        ]

    def _costs(self) -> list[cloudwatch.IMetric]:
        watched = self._watched
        mail = [costs.sent(), *([costs.received(watched.rule_set)] if watched.rule_set else [])]
        others: list[cloudwatch.IMetric] = [
            costs.functions(watched.functions),
            costs.tables(watched.tables),
            costs.queues(watched.queued),
            costs.logs(watched.functions),
        ]
        return [*mail, *others]


def _line(value: float, color: str, label: str) -> cloudwatch.HorizontalAnnotation:
    return cloudwatch.HorizontalAnnotation(value=value, color=color, label=label)


def _graph(
    title: str,
    left: Sequence[cloudwatch.IMetric],
    *,
    width: int,
    height: int = 6,
    unit: str | None = None,
    lines: Sequence[cloudwatch.HorizontalAnnotation] = (),
    right: Sequence[cloudwatch.IMetric] = (),
    stacked: bool = False,
) -> cloudwatch.GraphWidget:
    """From zero up; `unit` is the left axis's."""
    return cloudwatch.GraphWidget(
        title=title,
        left=[*left],
        right=[*right],
        left_annotations=[*lines],
        left_y_axis=cloudwatch.YAxisProps(min=0, label=unit, show_units=False),
        right_y_axis=cloudwatch.YAxisProps(min=0, show_units=False) if right else None,
        stacked=stacked,
        width=width,
        height=height,
    )
