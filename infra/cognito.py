"""Mail of Cognito user pools through our templates and feedback: the custom e-mail sender trigger and its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.bundle import cognito_layer
from infra.function import Function

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.bundle import Bundle


class Cognito(Construct):
    """The function and the key; the pools, which are not ours, are pointed at both (docs/cognito.md)."""

    def __init__(self, scope: Construct, id: str, *, bundle: Bundle, pools: Sequence[str]) -> None:
        super().__init__(scope, id)
        stack = cdk.Stack.of(self)
        key = kms.Key(self, "Key", enable_key_rotation=True, removal_policy=cdk.RemovalPolicy.RETAIN)
        self.function = Function(self, "Cognito", bundle=bundle, environment={"COGNITO_KEY_ARN": key.key_arn})
        layer = cognito_layer(bundle.platform)
        self.function.function.add_layers(
            lambda_.LayerVersion(
                self,
                "Decrypts",
                code=lambda_.Code.from_asset(
                    str(layer.path), asset_hash=layer.digest, asset_hash_type=cdk.AssetHashType.CUSTOM
                ),
                compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
                compatible_architectures=[lambda_.Architecture.ARM_64],
            )
        )
        self.function.allow("kms:Decrypt", on=key.key_arn)
        for number, pool in enumerate(pools, start=1):
            self.function.function.add_permission(
                f"Pool{number}", principal=iam.ServicePrincipal("cognito-idp.amazonaws.com"), source_arn=pool
            )
        cdk.CfnOutput(stack, "CognitoFunctionArn", value=self.function.function.function_arn)
        cdk.CfnOutput(stack, "CognitoKeyArn", value=key.key_arn)
