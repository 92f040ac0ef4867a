"""Everything that must survive: it is retained when the stack goes, protected from deletion, and recoverable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_secretsmanager as secretsmanager

from infra.keeping import event_bus, mail_bucket, table, text
from infra.nag import accept
from lambdas.shared.recipients import ON_SES, PREFIX, SCOPES
from lambdas.shared.suppressed import INDEX as SUPPRESSED

if TYPE_CHECKING:
    from constructs import Construct

VIEWS = "by_view"
WHAT = (
    "All that Mailroom keeps: mail, tickets, recipients, counts. Protected from termination; its tables, bucket, bus "
    "and key are retained; docs/deploying.md says how to delete them."
)


class Storage(cdk.Stack):
    """The tables, the bucket of received mail, the bus and the key that verification tokens derive from. What sending
    needs, DynamoDB and Secrets Manager copy into the region `standby`, which asks for it (infra/standby_storage.py)."""

    def __init__(
        self, scope: Construct, id: str, *, raw_mail_days: int, standby: str | None = None, **stack: Any
    ) -> None:
        # So `cdk destroy` takes all stacks but this one, which it says it must not; a later deployment finds its data.
        super().__init__(scope, id, termination_protection=True, description=WHAT, **stack)
        changes = dynamodb.StreamViewType.NEW_AND_OLD_IMAGES
        copied = changes if standby else None  # a table with replicas has a stream, by which it is copied
        self.messages = table(self, "Messages", "id", stream=changes)
        self.messages.add_global_secondary_index(
            index_name="by_day",
            partition_key=text("day"),
            sort_key=text("created_at"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        self.recipients = table(self, "Recipients", "address", stream=copied)
        # Sparse: only who is suppressed has these attributes.
        self.recipients.add_global_secondary_index(
            index_name=SUPPRESSED,
            partition_key=text("listed"),
            sort_key=text("listed_at"),
            projection_type=dynamodb.ProjectionType.INCLUDE,
            non_key_attributes=[*(PREFIX + kind for kind in SCOPES), ON_SES],
        )
        self.suppressed_arn = f"{self.recipients.table_arn}/index/{SUPPRESSED}"
        self.tokens = table(self, "Tokens", "id", expires="expires_ttl", stream=copied)
        self.tickets = table(self, "Tickets", "pk", "sk")
        self.tickets.add_global_secondary_index(
            index_name=VIEWS,
            partition_key=text("view"),
            sort_key=text("at"),
            projection_type=dynamodb.ProjectionType.ALL,
        )
        self.ticket_views_arn = f"{self.tickets.table_arn}/index/{VIEWS}"
        self.counts = table(self, "Counts", "pk", "sk", expires="expires_ttl")
        self.reports = table(self, "Reports", "pk", "sk", expires="expires_ttl")
        self.mail = mail_bucket(self, raw_mail_days)
        self.bus = event_bus(self)
        self.token_key = secretsmanager.Secret(
            self,
            "TokenKey",
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=cdk.RemovalPolicy.RETAIN,
            replica_regions=[secretsmanager.ReplicaRegion(region=standby)] if standby else None,
        )
        accept(
            self.token_key,
            "AwsSolutions-SMG4",
            "A new key would break every verification link that is on its way, and this one never leaves the account.",
        )
        self._output()
        if standby:
            cdk.CfnOutput(self, "TokenKeyArn", value=self.token_key.secret_arn)

    @property
    def tables(self) -> tuple[dynamodb.Table, ...]:
        return self.messages, self.counts, self.recipients, self.tokens, self.tickets, self.reports

    def _output(self) -> None:
        for name, value in {
            "MessagesTable": self.messages.table_name,
            "RecipientsTable": self.recipients.table_name,
            "TokensTable": self.tokens.table_name,
            "TicketsTable": self.tickets.table_name,
            "CountsTable": self.counts.table_name,
            "ReportsTable": self.reports.table_name,
            "MailBucket": self.mail.bucket_name,
            "BusName": self.bus.event_bus_name,
        }.items():
            cdk.CfnOutput(self, name, value=value)
