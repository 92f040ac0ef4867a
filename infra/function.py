"""The one place that decides a Lambda function's runtime, role, logs and packaging."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from aws_cdk import AssetHashType, CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.nag import accept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_s3 as s3

    from infra.bundle import Bundle


class Measure(TypedDict, total=False):
    """What Lambda gives to a function, where it is not the usual."""

    timeout: Duration
    memory_size: int
    recursive_loop: lambda_.RecursiveLoop


USUAL: Measure = {"timeout": Duration.seconds(30), "memory_size": 512}


class Function(Construct):
    """`handler` of lambdas/<id in small letters>/handler.py, with a role that may write its own log and what `allow`
    adds."""

    def __init__(
        self, scope: Construct, id: str, *, bundle: Bundle, environment: Mapping[str, str], **measure: Unpack[Measure]
    ) -> None:
        super().__init__(scope, id)
        given = USUAL | measure
        self.timeout, self.memory_size = given["timeout"], given["memory_size"]
        self._role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log = logs.LogGroup(
            self, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY
        )
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(
                str(bundle.path), asset_hash=bundle.digest, asset_hash_type=AssetHashType.CUSTOM
            ),
            handler=f"lambdas.{id.lower()}.handler.handler",
            role=self._role,
            environment=environment,
            log_group=self.log,
            logging_format=lambda_.LoggingFormat.JSON,
            # Without three records of Lambda's own of each call that succeeds; those of one that fails stay.
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            **given,
        )
        accept(
            self.function, "AwsSolutions-L1", "Lambda supports 3.13 until June 2029, and all our wheels exist for it."
        )
        self.allow("logs:CreateLogStream", "logs:PutLogEvents", on=self.log.log_group_arn)
        CfnOutput(Stack.of(self), f"{id}Function", value=self.function.function_name)

    def allow(
        self, *actions: str, on: str | Sequence[str], when: Mapping[str, Mapping[str, object]] | None = None
    ) -> None:
        """Add exactly these actions on these ARNs to the function's role."""
        resources = [on] if isinstance(on, str) else on
        self._role.add_to_policy(
            iam.PolicyStatement(actions=[*actions], resources=[*resources], conditions=when and dict(when))
        )

    def allow_objects(self, *actions: str, bucket: s3.Bucket, prefix: str) -> None:
        """Add exactly these actions on the objects of another stack's bucket whose keys begin with `prefix`."""
        self.allow(*actions, on=bucket.arn_for_objects(f"{prefix}*"))
        exported = Stack.of(self).resolve(Stack.of(bucket).export_value(bucket.bucket_arn))["Fn::ImportValue"]
        accept(
            self,
            f"AwsSolutions-IAM5[Resource::{exported}/{prefix}*]",
            "The keys hold ids of mails and messages; a prefix is the least that works.",
        )
