"""Post that goes out: the outbox, the proofs of an address, the pages that people open, the API for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler

from infra import senders
from infra.cognito import Cognito
from infra.function import Function
from infra.http_api import HttpApi
from infra.nag import accept_arn
from infra.queued_function import QueuedFunction
from infra.settings_standby import other_region
from infra.smtp import Smtp
from infra.standby_storage import StandbyStorage
from lambdas.shared.bucket import OUTGOING

if TYPE_CHECKING:
    from aws_cdk import aws_ses as ses
    from constructs import Construct

    from infra.bundle import Bundle
    from infra.identity import Identity
    from infra.settings import Settings
    from infra.standby_identity import StandbyIdentity
    from infra.storage import Storage

# That SES's Send event may take to settle a send whose outcome is not known: a minute in Firehose
# (infra/event_files.py), and should `feedback` die at it, the queue's visibility timeout.
CLAIM_SECONDS = 600


class Outbound(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        bundle: Bundle,
        identity: Identity | StandbyIdentity,
        storage: Storage | StandbyStorage,
        **stack: Any,
    ) -> None:
        super().__init__(scope, id, **stack)
        self._settings, self._identity, self._storage = settings, identity, storage
        self.http = HttpApi(self, "HttpApi")
        tokens_table = {"TOKENS_TABLE": storage.tokens.table_name}
        token_key = {"TOKEN_KEY_ARN": storage.token_key.secret_arn}
        self.pages = Function(
            self,
            "Pages",
            bundle=bundle,
            environment={
                **tokens_table,
                **token_key,
                "MESSAGES_TABLE": storage.messages.table_name,
                "RECIPIENTS_TABLE": storage.recipients.table_name,
                "BUS_NAME": storage.bus.event_bus_name,
                "PRODUCT": settings.product,
            },
        )
        workers = settings.sending.workers
        self.send = QueuedFunction(
            self,
            "Send",
            bundle=bundle,
            concurrency=workers,
            timeout=cdk.Duration.seconds(60),
            environment={
                **token_key,  # which links to unsubscribe are made with
                "PAGES_URL": self.http.url,
                "SENDS_PER_SECOND": str(settings.sending.per_second / workers),
                "SLOWED_BY": str(settings.guard.slowed_by),
                "COUNTS_TABLE": storage.counts.table_name,
            },
        )
        proving = {
            **tokens_table,
            **token_key,
            "TOKEN_POLICY": json.dumps(settings.sending.token_policy),
            "PAGES_URL": self.http.url,
        }
        self.tokens = QueuedFunction(self, "Tokens", bundle=bundle, environment=proving)
        self.api = Function(
            self,
            "Api",
            bundle=bundle,
            environment={
                **proving,
                "TOKENS_QUEUE_URL": self.tokens.queue.queue_url,
                "COUNTS_TABLE": storage.counts.table_name,
            },
        )
        self.http.serve(pages=self.pages, calls=self.api)
        self.cognito = Cognito(self, "Cognito", bundle=bundle, pools=settings.cognito) if settings.cognito else None
        for event in ("UserSignedUp", "PasswordResetRequested", "CodeRequested"):
            self.tokens.receive_events(storage.bus, event)
        self.send.receive_events(storage.bus, "SendMail")
        for function in (self.send, self.api):
            function.allow("dynamodb:GetItem", on=storage.counts.table_arn)  # whether marketing is slowed down
        self._grant()
        if settings.standby or settings.first_region:
            self._two_regions()
        self.smtp = Smtp(self, "Smtp", settings=settings, bundle=bundle, identity=identity) if settings.smtp else None
        cdk.CfnOutput(self, "PagesUrl", value=self.http.url)

    def _grant(self) -> None:
        tokens, key, bus = self._storage.tokens, self._storage.token_key, self._storage.bus
        self.pages.allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=tokens.table_arn)
        self.pages.allow("dynamodb:GetItem", on=self._storage.messages.table_arn)  # whose mail a link was in
        self.pages.allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=self._storage.recipients.table_arn)
        self.pages.allow("events:PutEvents", on=bus.event_bus_arn)
        for function in (self.tokens, self.api):
            function.allow("dynamodb:UpdateItem", on=tokens.table_arn)
        for function in (self.tokens, self.api, self.send, self.pages):
            function.allow("secretsmanager:GetSecretValue", on=key.secret_arn)
        self.api.allow("sqs:SendMessage", on=self.tokens.queue.queue_arn)
        for function in self._senders[2:]:  # what is throttled here goes on from the queue
            function.allow("sqs:SendMessage", on=self.send.queue.queue_arn)
            function.function.add_environment("SEND_QUEUE_URL", self.send.queue.queue_url)

        schedules = scheduler.CfnScheduleGroup(self, "Schedules")
        fires = iam.Role(self, "Fires", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"))
        fires.add_to_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self.send.queue.queue_arn]))
        for function in self._senders:
            self._let_send(function, schedules, fires)

    def _let_send(self, function: Function, schedules: scheduler.CfnScheduleGroup, fires: iam.Role) -> None:
        """All that the outbox needs, in whichever function it is (lambdas/shared/outbox/wiring.py)."""
        storage, sets = self._storage, self._identity.streams
        environment = {
            "MESSAGES_TABLE": storage.messages.table_name,
            "RECIPIENTS_TABLE": storage.recipients.table_name,
            "MAIL_BUCKET": storage.mail.bucket_name,
            "BUS_NAME": storage.bus.event_bus_name,
            "SENDERS": json.dumps(self._settings.senders),
            "DOMAINS": json.dumps({domain.name: domain.streams for domain in self._settings.domains}),
            **({"TENANT": self._settings.tenant} if self._settings.tenant else {}),
            "BRAND": json.dumps(self._settings.branding),
            "CONFIGURATION_SETS": json.dumps({name: stream.configuration_set_name for name, stream in sets.items()}),
            "ATTACHMENT_BUCKETS": json.dumps(self._settings.sending.attachment_buckets),
            "SCHEDULE_GROUP": schedules.ref,
            "SCHEDULE_ROLE_ARN": fires.role_arn,
            "SEND_QUEUE_ARN": self.send.queue.queue_arn,
            "CLAIM_SECONDS": str(CLAIM_SECONDS),
        }
        for name, value in environment.items():
            function.function.add_environment(name, value)
        function.allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=storage.messages.table_arn)
        function.allow("dynamodb:GetItem", on=storage.recipients.table_arn)
        function.allow("events:PutEvents", on=storage.bus.event_bus_arn)
        self._let_call_ses(function, sets)
        self._let_schedule(function, schedules, fires)
        self._let_attach(function)

    def _let_call_ses(self, function: Function, sets: dict[str, ses.ConfigurationSet]) -> None:
        # SES also asks for the recipient's identity where that is one of the account's own: always in the sandbox, and
        # for mail to ourselves. So every identity, but only from our own addresses.
        identities = self.format_arn(service="ses", resource="identity", resource_name="*")
        tenant = {"ses:TenantName": self._settings.tenant} if self._settings.tenant else {}
        for streams, addresses in senders.addresses(self._settings).items():
            function.allow(
                "ses:SendEmail",
                on=[identities, *(_arn(self, sets[stream]) for stream in streams)],
                when={"StringEquals": {"ses:FromAddress": addresses, **tenant}},
            )
        accept_arn(
            function,
            identities,
            "In the sandbox, and for mail to ourselves, SES asks for the recipient's identity too. A condition names "
            "the senders.",
        )

    def _let_schedule(self, function: Function, schedules: scheduler.CfnScheduleGroup, fires: iam.Role) -> None:
        own = self.format_arn(service="scheduler", resource="schedule", resource_name=f"{schedules.ref}/*")
        function.allow("scheduler:CreateSchedule", "scheduler:DeleteSchedule", on=own)
        function.allow(
            "iam:PassRole", on=fires.role_arn, when={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
        )
        reason = "A schedule is named after its message; the group, which is ours alone, is the least that works."
        accept_arn(function, own.replace(schedules.ref, "<Schedules>"), reason)

    def _let_attach(self, function: Function) -> None:
        function.allow_objects("s3:GetObject", "s3:PutObject", bucket=self._storage.mail, prefix=OUTGOING)
        for name in self._settings.sending.attachment_buckets:
            objects = self.format_arn(service="s3", region="", account="", resource=name, resource_name="*")
            function.allow("s3:GetObject", on=objects)
            accept_arn(function, objects, "The application chooses the keys in a bucket that the stage names.")

    def _two_regions(self) -> None:
        """What comes here while the other region sends is handed on, with the files that wait for it in a bucket here
        (lambdas/shared/sending.py)."""
        stage, region = f"Mailroom-{self._settings.stage}", other_region(self._settings)
        first = {"region": self._settings.first_region or self.region, "queues": self._first_queues()}
        queues = self.format_arn(service="sqs", region=region, resource=f"{stage}-Outbound-*")
        bucket = f"{stage}-Storage-".lower()
        files = self.format_arn(
            service="s3", region="", account="", resource=f"{bucket}*", resource_name=f"{OUTGOING}*"
        )
        unknown = "CloudFormation makes up the rest of what is called so in the other region."
        for function in self._senders:
            function.function.add_environment("SENDS_FIRST", self.to_json_string(first))
            function.function.add_environment("BUCKETS", bucket)
            function.allow("s3:GetObject", on=files, when={"StringEquals": {"aws:ResourceAccount": self.account}})
            accept_arn(function, files, unknown)
        for function in (self.send, self.tokens):
            function.allow("sqs:SendMessage", on=queues)
            accept_arn(function, queues, unknown)

    def _first_queues(self) -> dict[str, str]:
        return self._storage.first_queues if isinstance(self._storage, StandbyStorage) else {}

    @property
    def _senders(self) -> list[Function]:
        return [self.send, self.tokens, self.api, *([self.cognito.function] if self.cognito else [])]


def _arn(stack: cdk.Stack, stream: ses.ConfigurationSet) -> str:
    return stack.format_arn(service="ses", resource="configuration-set", resource_name=stream.configuration_set_name)
