"""Everything that must survive: it is retained when the stack goes, protected from deletion, and recoverable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager

from infra.nag import accept
from lambdas.shared.bucket import OUTGOING, RAW
from lambdas.shared.recipients import ON_SES, PREFIX, SCOPES
from lambdas.shared.suppressed import INDEX as SUPPRESSED

if TYPE_CHECKING:
    from constructs import Construct

OUTGOING_DAYS = 400  # longer than anything waits there
VIEWS = "by_view"
WHAT = (
    "All that Mailroom keeps: mail, tickets, recipients, counts. Protected from termination; its tables, bucket, bus "
    "and key are retained; docs/deploying.md says how to delete them."
)


class Storage(cdk.Stack):
    """The tables, the bucket of received mail, the bus and the key that verification tokens derive from."""

    def __init__(self, scope: Construct, id: str, *, raw_mail_days: int, **stack: Any) -> None:
        # So `cdk destroy` takes all stacks but this one, which it says it must not; a later deployment finds its data.
        super().__init__(scope, id, termination_protection=True, description=WHAT, **stack)
        self.messages = self._table("Messages", "id", stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES)
        self.messages.add_global_secondary_index(
            index_name="by_day",
            partition_key=_text("day"),
            sort_key=_text("created_at"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        self.recipients = self._table("Recipients", "address")
        # Sparse: only who is suppressed has these attributes.
        self.recipients.add_global_secondary_index(
            index_name=SUPPRESSED,
            partition_key=_text("listed"),
            sort_key=_text("listed_at"),
            projection_type=dynamodb.ProjectionType.INCLUDE,
            non_key_attributes=[*(PREFIX + kind for kind in SCOPES), ON_SES],
        )
        self.suppressed_arn = f"{self.recipients.table_arn}/index/{SUPPRESSED}"
        self.tokens = self._table("Tokens", "id", expires="expires_ttl")
        self.tickets = self._table("Tickets", "pk", "sk")
        self.tickets.add_global_secondary_index(
            index_name=VIEWS,
            partition_key=_text("view"),
            sort_key=_text("at"),
            projection_type=dynamodb.ProjectionType.ALL,
        )
        self.ticket_views_arn = f"{self.tickets.table_arn}/index/{VIEWS}"
        self.counts = self._table("Counts", "pk", "sk", expires="expires_ttl")
        self.reports = self._table("Reports", "pk", "sk", expires="expires_ttl")
        self.mail = self._bucket(raw_mail_days)
        self.bus = events.EventBus(self, "Bus")
        self.bus.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        self.token_key = secretsmanager.Secret(
            self,
            "TokenKey",
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        accept(
            self.token_key,
            "AwsSolutions-SMG4",
            "A new key would break every verification link that is on its way, and this one never leaves the account.",
        )
        self._output()

    @property
    def tables(self) -> tuple[dynamodb.Table, ...]:
        return self.messages, self.counts, self.recipients, self.tokens, self.tickets, self.reports

    def _table(
        self,
        id: str,
        partition_key: str,
        sort_key: str | None = None,
        *,
        expires: str | None = None,
        stream: dynamodb.StreamViewType | None = None,
    ) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            id,
            partition_key=_text(partition_key),
            sort_key=_text(sort_key) if sort_key else None,
            time_to_live_attribute=expires,
            stream=stream,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=True,
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )

    def _bucket(self, raw_mail_days: int) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Mail",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            lifecycle_rules=[
                s3.LifecycleRule(prefix=RAW, expiration=cdk.Duration.days(raw_mail_days)),
                s3.LifecycleRule(prefix=OUTGOING, expiration=cdk.Duration.days(OUTGOING_DAYS)),
            ],
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        accept(
            bucket,
            "AwsSolutions-S1",
            "Only SES writes here and only our functions read. CloudTrail's data events tell who else does; a second "
            "bucket of logs would keep the ids of personal mail longer than the mail.",
        )
        # SES checks this when the receipt rule is created (developer guide, receiving-email-permissions). The rule is
        # in a stack that depends on this one, so it has no name here: any receipt rule of this account and region.
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["s3:PutObject"],
                principals=[iam.ServicePrincipal("ses.amazonaws.com")],
                resources=[bucket.arn_for_objects(f"{RAW}*")],
                conditions={
                    "StringEquals": {"aws:SourceAccount": self.account},
                    "ArnLike": {
                        "aws:SourceArn": self.format_arn(
                            service="ses", resource="receipt-rule-set", resource_name="*:receipt-rule/*"
                        )
                    },
                },
            )
        )
        return bucket

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


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
