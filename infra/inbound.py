"""Post that comes in: a receipt rule stores it and tells a topic, `inbound` makes a ticket of it, a team answers, here
or in a ticket system of theirs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns

from infra import settings_reports
from infra.connect import Connect, Destinations, Hooks
from infra.function import Function
from infra.nag import accept
from infra.queued_function import QueuedFunction
from infra.settings_mailboxes import environment
from infra.tickets import Helpdesk, Tickets
from lambdas.shared.bucket import ATTACHMENTS, RAW
from lambdas.shared.destinations import TICKET_SYSTEMS

if TYPE_CHECKING:
    from constructs import Construct

    from infra.bundle import Bundle
    from infra.http_api import HttpApi
    from infra.settings import Settings
    from infra.storage import Storage

RULE = "mailboxes"  # its name within our own rule set, which policies have to spell out


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
        rules = ses.CfnReceiptRuleSet(self, "Rules")
        self.rule_set = rules.ref
        received = sns.Topic(self, "Received", enforce_ssl=True)
        self.inbound.receive_from(received)
        rule = self._rule(settings, rules, storage, received)
        self._let_publish(rules, received)
        rule.node.add_dependency(received)  # its policy too, which SES checks when the rule is created
        self.activation = self._activation(bundle, rules, rule)

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

    def _rule(
        self, settings: Settings, rules: ses.CfnReceiptRuleSet, storage: Storage, received: sns.Topic
    ) -> ses.CfnReceiptRule:
        """One rule for all mailboxes and for reports; SES matches their +labels by itself."""
        return ses.CfnReceiptRule(
            self,
            "Rule",
            rule_set_name=rules.ref,
            rule=ses.CfnReceiptRule.RuleProperty(
                name=RULE,
                enabled=True,
                recipients=[*settings.received],
                scan_enabled=True,  # else the spam and virus verdicts mean nothing
                tls_policy="Require" if settings.tls_required_in else "Optional",
                actions=[
                    ses.CfnReceiptRule.ActionProperty(
                        s3_action=ses.CfnReceiptRule.S3ActionProperty(
                            bucket_name=storage.mail.bucket_name, object_key_prefix=RAW, topic_arn=received.topic_arn
                        )
                    )
                ],
            ),
        )

    def _let_publish(self, rules: ses.CfnReceiptRuleSet, topic: sns.Topic) -> None:
        rule_arn = self.format_arn(
            service="ses", resource="receipt-rule-set", resource_name=f"{rules.ref}:receipt-rule/{RULE}"
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sns:Publish"],
                principals=[iam.ServicePrincipal("ses.amazonaws.com")],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account, "aws:SourceArn": rule_arn}},
            )
        )

    def _activation(self, bundle: Bundle, rules: ses.CfnReceiptRuleSet, rule: ses.CfnReceiptRule) -> Function:
        """SES has one active rule set per account and region, and CloudFormation no way to say which."""
        function = Function(self, "Activation", bundle=bundle, environment={}, memory_size=256)
        function.allow("ses:DescribeActiveReceiptRuleSet", "ses:SetActiveReceiptRuleSet", on="*")
        accept(
            function,
            "AwsSolutions-IAM5[Resource::*]",
            "SES has no resources for these two actions: the active rule set is the account's.",
        )
        active = cdk.CustomResource(
            self,
            "ActiveRules",
            resource_type="Custom::ActiveReceiptRuleSet",
            service_token=function.function.function_arn,
            service_timeout=cdk.Duration.minutes(2),
            properties={"RuleSetName": rules.ref},
        )
        active.node.add_dependency(rule)
        return function
