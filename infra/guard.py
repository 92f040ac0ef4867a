"""Who watches over the account's reputation: `guard` looks every five minutes, slows marketing down and pauses it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import aws_cdk as cdk

from infra.metrics import FIVE_MINUTES
from infra.queued_function import QueuedFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_ses as ses
    from aws_cdk import aws_sns as sns

    from infra.bundle import Bundle
    from infra.settings import Settings
    from infra.standby_storage import StandbyStorage
    from infra.storage import Storage


class Guard(QueuedFunction):
    """It tells the operators through `topic`, and takes the commands PauseStream and ResumeStream from its queue."""

    def __init__(
        self,
        scope: cdk.Stack,
        *,
        settings: Settings,
        bundle: Bundle,
        storage: Storage | StandbyStorage,
        streams: Mapping[str, ses.ConfigurationSet],
        topic: sns.Topic,
    ) -> None:
        sets = {name: stream.configuration_set_name for name, stream in streams.items()}
        super().__init__(
            scope,
            "Guard",
            bundle=bundle,
            concurrency=2,  # Lambda's least; of two runs at once, one gives way
            batch_size=1,
            timeout=cdk.Duration.seconds(60),
            environment={
                "STAGE": settings.stage,
                "COUNTS_TABLE": storage.counts.table_name,
                "BUS_NAME": storage.bus.event_bus_name,
                "ALARMS_TOPIC": topic.topic_arn,
                "CONFIGURATION_SETS": json.dumps(sets),
                "GUARD": json.dumps(asdict(settings.guard)),
            },
        )
        self.allow(
            *("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"),
            on=storage.counts.table_arn,
        )
        self.allow("events:PutEvents", on=storage.bus.event_bus_arn)
        self.allow("sns:Publish", on=topic.topic_arn)
        arns = [
            scope.format_arn(service="ses", resource="configuration-set", resource_name=name) for name in sets.values()
        ]
        self.allow("ses:PutConfigurationSetSendingOptions", on=arns)
        self.receive_regularly("LookAtRates", every=FIVE_MINUTES)
