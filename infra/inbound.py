"""Post that comes in: a receipt rule stores it and tells a topic, `inbound` makes a ticket of it, a team answers, here
or in a ticket system of theirs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from infra import settings_reports
from infra.connect import Connect, Destinations, Hooks
from infra.function import Function
from infra.nag import accept_arn
from infra.queued_function import QueuedFunction
from infra.reception import reception
from infra.settings_mailboxes import environment
from infra.settings_standby import other_region
from infra.tickets import Helpdesk, Tickets
from lambdas.shared.bucket import ATTACHMENTS, RAW
from lambdas.shared.destinations import TICKET_SYSTEMS

if TYPE_CHECKING:
    from constructs import Construct

    from infra.bundle import Bundle
    from infra.http_api import HttpApi
    from infra.settings import Settings
    from infra.storage import Storage


class Inbound(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        bundle: Bundle,
        storage: Storage,
        feedback: QueuedFunction,
        http: HttpApi,
        **stack: Any,
    ) -> None:
        super().__init__(scope, id, **stack)
        self.tickets = Tickets(self, settings=settings, bundle=bundle, storage=storage)
        self.helpdesk = Helpdesk(self, bundle=bundle, storage=storage, tickets=self.tickets, http=http)
        self.inbound = self._inbound(settings, bundle, storage, feedback)
        self.connecting = self._connecting(settings, bundle, storage, http) if settings.destinations else []
        received = sns.Topic(self, "Received", enforce_ssl=True)
        self.inbound.receive_from(received)
        self.rule_set, self.activation = reception(
            self, settings=settings, bundle=bundle, bucket=storage.mail, received=received
        )
        if settings.standby:
            self._take_over(settings, storage)

    def _inbound(
        self, settings: Settings, bundle: Bundle, storage: Storage, feedback: QueuedFunction
    ) -> QueuedFunction:
        function = QueuedFunction(
            self,
            "Inbound",
            bundle=bundle,
            timeout=cdk.Duration.seconds(60),
            memory_size=1024,  # a mail of 40 MB, decoded
            batch_size=1,  # which takes its time, and shares it with nobody
            environment={
                "MAIL_BUCKET": storage.mail.bucket_name,
                "TICKETS_TABLE": storage.tickets.table_name,
                "TICKETS_QUEUE_URL": self.tickets.queue.queue_url,
                "FEEDBACK_QUEUE_URL": feedback.queue.queue_url,
                "BUS_NAME": storage.bus.event_bus_name,
                "SENDER_ADDRESSES": json.dumps([address.lower() for address in settings.sender_addresses]),
                "MAILBOXES": environment(settings.mailboxes),
                "REPORTS": settings_reports.environment(settings),
                "REPORTS_TABLE": storage.reports.table_name,
            },
        )
        function.allow("s3:ListBucket", on=storage.mail.bucket_arn, when={"StringEquals": {"s3:prefix": RAW}})
        function.allow_objects("s3:GetObject", bucket=storage.mail, prefix=RAW)
        function.allow_objects("s3:PutObject", bucket=storage.mail, prefix=ATTACHMENTS)
        function.allow("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", on=storage.tickets.table_arn)
        if settings.reports:
            function.allow("dynamodb:PutItem", on=storage.reports.table_arn)
        function.allow("events:PutEvents", on=storage.bus.event_bus_arn)
        function.allow("sqs:SendMessage", on=[self.tickets.queue.queue_arn, feedback.queue.queue_arn])
        function.receive_daily("Reconcile", at="3:10")
        return function

    def _connecting(self, settings: Settings, bundle: Bundle, storage: Storage, http: HttpApi) -> list[Function]:
        """What brings tickets elsewhere, and back. A webhook brings nothing back."""
        destinations = Destinations(self, settings=settings)
        connect = Connect(
            self,
            settings=settings,
            bundle=bundle,
            storage=storage,
            tickets=self.tickets,
            destinations=destinations,
        )
        if not {destination.kind for destination in settings.destinations} & {*TICKET_SYSTEMS}:
            return [connect]
        return [connect, Hooks(self, bundle=bundle, connect=connect, destinations=destinations, http=http)]

    def _take_over(self, settings: Settings, storage: Storage) -> None:
        """What the standby region receives while this one cannot: it tells our queue, and we fetch it from there."""
        stage, region = f"Mailroom-{settings.stage}", other_region(settings)
        topics = self.format_arn(service="sns", region=region, resource=f"{stage}-Inbound-*")
        self.inbound.queue.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sqs:SendMessage"],
                principals=[iam.ServicePrincipal("sns.amazonaws.com")],
                resources=[self.inbound.queue.queue_arn],
                conditions={"ArnLike": {"aws:SourceArn": topics}},
            )
        )
        buckets = f"{stage}-Storage-".lower()
        mails = self.format_arn(service="s3", region="", account="", resource=f"{buckets}*", resource_name=f"{RAW}*")
        self.inbound.function.add_environment("BUCKETS", buckets)
        self.inbound.allow("s3:GetObject", on=mails, when={"StringEquals": {"aws:ResourceAccount": self.account}})
        accept_arn(self.inbound, mails, "CloudFormation makes up the rest of the bucket's name in the other region.")
        self.inbound.allow_objects("s3:PutObject", bucket=storage.mail, prefix=RAW)
