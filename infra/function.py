"""The one place that decides a Lambda function's runtime, role, logs and packaging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import AssetHashType, CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.nag import accept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.bundle import Bundle


class Function(Construct):
    """`handler` of lambdas/<folder>/handler.py, with a role that may write its own log and what `allow` adds."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bundle: Bundle,
        folder: str,
        environment: Mapping[str, str],
        timeout: Duration | None = None,
        memory_size: int = 512,
        recursive_loop: lambda_.RecursiveLoop | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.timeout = timeout or Duration.seconds(30)
        self._role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log = logs.LogGroup(self, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY)
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(
                str(bundle.path), asset_hash=bundle.digest, asset_hash_type=AssetHashType.CUSTOM
            ),
            handler=f"lambdas.{folder}.handler.handler",
            role=self._role,
            environment=environment,
            timeout=self.timeout,
            memory_size=memory_size,
            log_group=log,
            logging_format=lambda_.LoggingFormat.JSON,
            recursive_loop=recursive_loop,
        )
        accept(
            self.function, "AwsSolutions-L1", "Lambda supports 3.13 until June 2029, and all our wheels exist for it."
        )
        self.allow("logs:CreateLogStream", "logs:PutLogEvents", on=log.log_group_arn)
        CfnOutput(Stack.of(self), f"{id}Function", value=self.function.function_name)

    def allow(
        self, *actions: str, on: str | Sequence[str], when: Mapping[str, Mapping[str, object]] | None = None
    ) -> None:
        """Add exactly these actions on these ARNs to the function's role."""
        resources = [on] if isinstance(on, str) else on
        self._role.add_to_policy(
            iam.PolicyStatement(actions=[*actions], resources=[*resources], conditions=when and dict(when))
        )
