"""Our recipients and SES's account suppression list are brought in step once a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from infra.nag import accept
from infra.queued_function import QueuedFunction

if TYPE_CHECKING:
    from constructs import Construct

    from infra.bundle import Bundle
    from infra.storage import Storage


class Suppression(QueuedFunction):
    """It mostly waits: SES takes about one request a second (lambdas/suppression/ses_list.py)."""

    def __init__(self, scope: Construct, *, bundle: Bundle, storage: Storage) -> None:
        super().__init__(
            scope,
            "Suppression",
            bundle=bundle,
            concurrency=2,  # Lambda's least; what two runs do at once is the same, and SES refuses what is too much
            batch_size=1,
            memory_size=256,
            timeout=cdk.Duration.minutes(5),
            environment={
                "RECIPIENTS_TABLE": storage.recipients.table_name,
                "BUS_NAME": storage.bus.event_bus_name,
            },
        )
        self.allow(
            *("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"), on=storage.recipients.table_arn
        )
        self.allow("dynamodb:Query", on=storage.suppressed_arn)
        self.allow("events:PutEvents", on=storage.bus.event_bus_arn)
        self.allow(
            "ses:ListSuppressedDestinations",
            "ses:PutSuppressedDestination",
            "ses:DeleteSuppressedDestination",
            on="*",
        )
        accept(self, "AwsSolutions-IAM5[Resource::*]", "SES has one list for the account, and no resource for it.")
        self.receive_daily("SyncSuppressions", at="4:20")
