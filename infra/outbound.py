"""Post that goes out: sign-ups become verification mails, the outbox sends, the pages verify."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_logs as logs

from infra.function import Function
from infra.nag import accept
from infra.queued_function import QueuedFunction
from infra.smtp import Smtp

if TYPE_CHECKING:
    from aws_cdk import aws_ses as ses
    from constructs import Construct

    from infra.bundle import Bundle
    from infra.identity import Identity
    from infra.settings import Settings
    from infra.storage import Storage

# What an access log may say of a visitor: no address, no user agent, and not the token (the route, not the path).
ACCESS_LOG = {
    "time": "$context.requestTime",
    "request": "$context.requestId",
    "route": "$context.routeKey",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "error": "$context.error.message",
}


class Outbound(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        bundle: Bundle,
        identity: Identity,
        storage: Storage,
        **stack: Any,
    ) -> None:
        super().__init__(scope, id, **stack)
        self.pages = self._pages(settings, bundle, storage)
        api = self._api()
        self.send = self._send(settings, bundle, identity, storage)
        self.signup = self._signup(bundle, storage, api)
        self.signup.receive_events(storage.bus, "UserSignedUp")
        self.send.receive_events(storage.bus, "SendMail")
        self._grant(settings, identity, storage)
        self.smtp = Smtp(self, "Smtp", settings=settings, bundle=bundle, identity=identity) if settings.smtp else None
        cdk.CfnOutput(self, "PagesUrl", value=api.api_endpoint)

    def _pages(self, settings: Settings, bundle: Bundle, storage: Storage) -> Function:
        return Function(
            self,
            "Pages",
            folder="pages",
            bundle=bundle,
            environment={
                "TOKENS_TABLE": storage.tokens.table_name,
                "BUS_NAME": storage.bus.event_bus_name,
                "PRODUCT": settings.product,
            },
        )

    def _send(self, settings: Settings, bundle: Bundle, identity: Identity, storage: Storage) -> QueuedFunction:
        return QueuedFunction(
            self,
            "Send",
            folder="send",
            bundle=bundle,
            # Two at a time send some 20 mails a second, above a new account's rate; what SES throttles is queued again.
            concurrency=2,
            environment={
                "MESSAGES_TABLE": storage.messages.table_name,
                "RECIPIENTS_TABLE": storage.recipients.table_name,
                "SENDER": settings.sender,
                "BRAND": json.dumps(settings.branding),
                "CONFIGURATION_SETS": json.dumps(
                    {
                        "transactional": identity.transactional.configuration_set_name,
                        "marketing": identity.marketing.configuration_set_name,
                    }
                ),
            },
        )

    def _signup(self, bundle: Bundle, storage: Storage, api: apigateway.HttpApi) -> QueuedFunction:
        return QueuedFunction(
            self,
            "Signup",
            folder="signup",
            bundle=bundle,
            environment={
                "TOKENS_TABLE": storage.tokens.table_name,
                "TOKEN_KEY_ARN": storage.token_key.secret_arn,
                "SEND_QUEUE_URL": self.send.queue.queue_url,
                "PAGES_URL": api.api_endpoint,
            },
        )

    def _grant(self, settings: Settings, identity: Identity, storage: Storage) -> None:
        self.signup.allow("dynamodb:UpdateItem", on=storage.tokens.table_arn)
        self.signup.allow("secretsmanager:GetSecretValue", on=storage.token_key.secret_arn)
        self.signup.allow("sqs:SendMessage", on=self.send.queue.queue_arn)

        self.pages.allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=storage.tokens.table_arn)
        self.pages.allow("events:PutEvents", on=storage.bus.event_bus_arn)

        self.send.allow("dynamodb:UpdateItem", on=storage.messages.table_arn)
        self.send.allow("dynamodb:GetItem", on=storage.recipients.table_arn)
        senders = [settings.sender_address, *(mailbox.address for mailbox in settings.mailboxes)]
        # SES also asks for the recipient's identity where that is one of the account's own: always in the sandbox, and
        # for mail to ourselves. So every identity, but only from our own addresses.
        identities = self.format_arn(service="ses", resource="identity", resource_name="*")
        self.send.allow(
            "ses:SendEmail",
            on=[identities, *(_arn(self, stream) for stream in (identity.transactional, identity.marketing))],
            when={"StringEquals": {"ses:FromAddress": senders}},
        )
        accept(
            self.send,
            f"AwsSolutions-IAM5[Resource::{identities.replace(cdk.Aws.ACCOUNT_ID, '<AWS::AccountId>')}]",
            "In the sandbox, and for mail to ourselves, SES asks for the recipient's identity too. A condition names "
            "the senders.",
        )

    def _api(self) -> apigateway.HttpApi:
        api = apigateway.HttpApi(self, "Api", create_default_stage=False)
        api.add_routes(
            path="/verify/{token}",
            methods=[apigateway.HttpMethod.GET, apigateway.HttpMethod.POST],
            integration=integrations.HttpLambdaIntegration("Pages", self.pages.function),
        )
        accept(
            api,
            "AwsSolutions-APIG4",
            "The pages are for people who follow a link in their mail; its token is the proof.",
        )
        log = logs.LogGroup(
            self, "AccessLog", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        apigateway.CfnStage(
            self,
            "Stage",
            api_id=api.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=20, throttling_burst_limit=50
            ),
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                # Without the :* that the group's own ARN ends in, which API Gateway refuses.
                destination_arn=self.format_arn(
                    service="logs",
                    resource="log-group",
                    resource_name=log.log_group_name,
                    arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                ),
                format=json.dumps(ACCESS_LOG),
            ),
        )
        return api


def _arn(stack: cdk.Stack, stream: ses.ConfigurationSet) -> str:
    return stack.format_arn(service="ses", resource="configuration-set", resource_name=stream.configuration_set_name)
