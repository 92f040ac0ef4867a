"""What the standby region keeps: copies of what sending needs, and a bucket, a bus and counts of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_secretsmanager as secretsmanager

from infra.function import Function
from infra.keeping import event_bus, mail_bucket, table
from infra.nag import accept_arn

if TYPE_CHECKING:
    from constructs import Construct

    from infra.bundle import Bundle
    from infra.settings import Settings

WHAT = (
    "Mailroom's standby: replicas of the messages, recipients and tokens of the first region. Protected from "
    "termination, and retained; docs/regions.md."
)
# What DynamoDB asks for where it makes a replica (developer guide, global tables security).
COPYING = (
    *("dynamodb:CreateTable", "dynamodb:CreateTableReplica", "dynamodb:Query", "dynamodb:Scan", "dynamodb:GetItem"),
    *("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"),
)
PROTECTING = ("dynamodb:DescribeTable", "dynamodb:UpdateTable", "dynamodb:UpdateContinuousBackups")
REPLICATION = "replication.dynamodb.amazonaws.com"


class StandbyStorage(cdk.Stack):
    """As Storage, for all that sends. Tickets and reports are the first region's alone."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, bundle: Bundle, **stack: Any) -> None:
        super().__init__(scope, id, termination_protection=True, description=WHAT, **stack)
        self._first = f"Mailroom-{settings.stage}"
        copied = self._replicas(settings, bundle)
        self.messages, self.recipients, self.tokens = (
            dynamodb.Table.from_table_attributes(
                self,
                name,
                table_name=copied.get_att_string(f"{name}Table"),
                table_stream_arn=copied.get_att_string("MessagesStream") if name == "Messages" else None,
            )
            for name in ("Messages", "Recipients", "Tokens")
        )
        self.counts = table(self, "Counts", "pk", "sk", expires="expires_ttl")
        self.mail = mail_bucket(self, settings.raw_mail_days)
        self.bus = event_bus(self)
        self.token_key = secretsmanager.Secret.from_secret_complete_arn(
            self, "TokenKey", copied.get_att_string("TokenKey")
        )
        self.first_queues = {name: copied.get_att_string(f"{name}Queue") for name in ("Send", "Tokens")}
        self.first_inbound = copied.get_att_string("InboundQueueArn") if settings.mailboxes else ""
        self._output()

    @property
    def tables(self) -> tuple[dynamodb.ITable, ...]:
        return self.messages, self.counts, self.recipients, self.tokens

    def _replicas(self, settings: Settings, bundle: Bundle) -> cdk.CustomResource:
        function = Function(
            self, "Replicas", bundle=bundle, environment={}, memory_size=256, timeout=cdk.Duration.minutes(15)
        )
        first = settings.first_region or ""
        stacks = ["Storage", "Outbound", *(["Inbound"] if settings.mailboxes else [])]
        self._let_copy(function, first)
        return cdk.CustomResource(
            self,
            "Copies",
            resource_type="Custom::Replicas",
            service_token=function.function.function_arn,
            service_timeout=cdk.Duration.minutes(16),
            properties={
                "FirstRegion": first,
                "Stacks": [f"{self._first}-{name}" for name in stacks],
                "Code": bundle.digest,  # so that each version looks anew
            },
        )

    def _let_copy(self, function: Function, first: str) -> None:
        """The first region's tables have names that only CloudFormation knows: it begins them with their stack's."""
        tables = {
            region: self.format_arn(
                service="dynamodb", region=region, resource="table", resource_name=f"{self._first}-Storage-*"
            )
            for region in (first, self.region)
        }
        function.allow("dynamodb:DescribeTable", "dynamodb:UpdateTable", on=tables[first])
        function.allow(*COPYING, *PROTECTING, on=tables[self.region])
        stacks = self.format_arn(
            service="cloudformation", region=first, resource="stack", resource_name=f"{self._first}-*"
        )
        function.allow("cloudformation:DescribeStacks", on=stacks)
        role = self.format_arn(
            service="iam", region="", resource="role", resource_name=f"aws-service-role/{REPLICATION}/*"
        )
        function.allow(
            "iam:CreateServiceLinkedRole", on=role, when={"StringEquals": {"iam:AWSServiceName": REPLICATION}}
        )
        for arn in (*tables.values(), stacks, role):
            accept_arn(function, arn, "CloudFormation makes up the rest of these names, and IAM of this role's.")

    def _output(self) -> None:
        for name, value in {
            "MessagesTable": self.messages.table_name,
            "RecipientsTable": self.recipients.table_name,
            "TokensTable": self.tokens.table_name,
            "CountsTable": self.counts.table_name,
            "MailBucket": self.mail.bucket_name,
            "BusName": self.bus.event_bus_name,
        }.items():
            cdk.CfnOutput(self, name, value=value)
