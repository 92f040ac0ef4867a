"""The one HTTP API: pages for people, which anybody may open, calls for machines, which are signed for IAM, and
webhooks, which are signed with a secret that only the function and the caller have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.nag import accept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch

    from infra.function import Function

# What an access log may say of a visitor: no address, no user agent, and not the token (the route, not the path).
ACCESS_LOG = {
    "time": "$context.requestTime",
    "request": "$context.requestId",
    "route": "$context.routeKey",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "error": "$context.error.message",
}
PAGES = (
    *("GET /verify/{token}", "POST /verify/{token}"),
    *("GET /unsubscribe/{token}", "POST /unsubscribe/{token}"),
)
CALLS = (
    *("POST /messages", "GET /messages/{id}", "DELETE /messages/{id}"),
    *("POST /codes", "POST /codes/check", "POST /tokens/check"),
)


class HttpApi(Construct):
    """Throttled, logged. `url` is where it answers; `serve` says which function answers what."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self._api = apigateway.HttpApi(self, "Api", create_default_stage=False)
        self.url = self._api.api_endpoint
        self._stage()

    def metric(self, name: str, statistic: str, label: str) -> cloudwatch.Metric:
        return self._api.metric(name, statistic=statistic, period=cdk.Duration.hours(1), label=label)

    def serve(self, *, pages: Function, calls: Function) -> None:
        for_people = integrations.HttpLambdaIntegration("Pages", pages.function)
        for_machines = integrations.HttpLambdaIntegration("Calls", calls.function)
        for route in PAGES:
            self._route(route, for_people, apigateway.HttpNoneAuthorizer())
        for route in CALLS:
            self._route(route, for_machines, authorizers.HttpIamAuthorizer())
        accept(
            self._api,
            "AwsSolutions-APIG4",
            "The pages are for people who follow a link in their mail; its token is the proof.",
        )

    def serve_from(
        self, stack: cdk.Stack, function: Function, routes: Sequence[str], *, signed_for_iam: bool = True
    ) -> None:
        """Calls that a function of another stack answers; their routes come and go with that stack. Where they are not
        signed for IAM, the function verifies a signature of its own."""
        integration = integrations.HttpLambdaIntegration("Calls", function.function)
        for route in routes:
            method, path = route.split()
            made = apigateway.HttpRoute(
                stack,
                f"{method}{path}",
                http_api=self._api,
                route_key=apigateway.HttpRouteKey.with_(path, apigateway.HttpMethod[method]),
                integration=integration,
                authorizer=authorizers.HttpIamAuthorizer() if signed_for_iam else apigateway.HttpNoneAuthorizer(),
            )
            if not signed_for_iam:
                accept(made, "AwsSolutions-APIG4", "The function verifies a signature that IAM does not know.")

    def _route(
        self, route: str, integration: integrations.HttpLambdaIntegration, authorizer: apigateway.IHttpRouteAuthorizer
    ) -> None:
        method, path = route.split()
        methods = [apigateway.HttpMethod[method]]
        self._api.add_routes(path=path, methods=methods, integration=integration, authorizer=authorizer)

    def _stage(self) -> None:
        log = logs.LogGroup(
            self, "AccessLog", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        apigateway.CfnStage(
            self,
            "Stage",
            api_id=self._api.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=50, throttling_burst_limit=100
            ),
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                # Without the :* that the group's own ARN ends in, which API Gateway refuses.
                destination_arn=cdk.Stack.of(self).format_arn(
                    service="logs",
                    resource="log-group",
                    resource_name=log.log_group_name,
                    arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                ),
                format=json.dumps(ACCESS_LOG),
            ),
        )
