"""What is counted of all mails: `counts` reads what changes in the messages table, and keeps the counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from infra.queued_function import QueuedFunction

if TYPE_CHECKING:
    from constructs import Construct

    from infra.bundle import Bundle
    from infra.standby_storage import StandbyStorage
    from infra.storage import Storage


class Counts(QueuedFunction):
    """Looks every minute, and on the command Count in its queue. It reads the table's stream itself, for only who knows
    the place of each change can count it once (lambdas/counts/fold.py); an event source mapping does not tell."""

    def __init__(self, scope: Construct, *, bundle: Bundle, storage: Storage | StandbyStorage) -> None:
        stream = storage.messages.table_stream_arn or ""
        super().__init__(
            scope,
            "Counts",
            bundle=bundle,
            concurrency=2,  # Lambda's least; of two runs at once, one gives way
            batch_size=1,
            timeout=cdk.Duration.seconds(60),
            environment={"MESSAGES_STREAM_ARN": stream, "COUNTS_TABLE": storage.counts.table_name},
        )
        self.allow("dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords", on=stream)
        self.allow("dynamodb:Query", "dynamodb:UpdateItem", on=storage.counts.table_arn)
        self.receive_regularly("Count", every=cdk.Duration.minutes(1))
