"""Post that comes in while the first region takes none: it is kept here, and becomes tickets there once that is up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_sns as sns

from infra.reception import reception

if TYPE_CHECKING:
    from constructs import Construct

    from infra.bundle import Bundle
    from infra.settings import Settings
    from infra.standby_storage import StandbyStorage


class StandbyInbound(cdk.Stack):
    """The same rule, with the first region's queue behind its topic: SNS goes on telling it for 23 days (developer
    guide, sns-message-delivery-retries). So tickets are made in one place, and numbered there."""

    def __init__(
        self, scope: Construct, id: str, *, settings: Settings, bundle: Bundle, storage: StandbyStorage, **stack: Any
    ) -> None:
        super().__init__(scope, id, **stack)
        received = sns.Topic(self, "Received", enforce_ssl=True)
        sns.CfnSubscription(
            self, "FirstRegion", topic_arn=received.topic_arn, protocol="sqs", endpoint=storage.first_inbound
        )
        self.rule_set, self.activation = reception(
            self, settings=settings, bundle=bundle, bucket=storage.mail, received=received
        )
