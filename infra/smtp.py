"""Sending by SMTP, for applications that can do nothing else: an IAM user, and a secret with its SMTP credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra import senders
from infra.function import Function
from infra.nag import accept
from infra.settings_domains import STREAMS

if TYPE_CHECKING:
    from infra.bundle import Bundle
    from infra.identity import Identity
    from infra.settings import Settings
    from infra.standby_identity import StandbyIdentity


class Smtp(Construct):
    """SES's SMTP interface takes the key of an IAM user and nothing that expires (developer guide, smtp-credentials).

    All of it goes with the setting or the stack: a password nobody looks after must not go on sending. Nothing here has
    a property whose change replaces it, so a deployment never changes the password; `mailroom smtp rotate` does.
    """

    def __init__(
        self, scope: Construct, id: str, *, settings: Settings, bundle: Bundle, identity: Identity | StandbyIdentity
    ) -> None:
        super().__init__(scope, id)
        user = iam.User(self, "User")
        self._let_send(user, settings, identity)
        # Without a value, so that no later deployment can put one in the place of the function's.
        secret = secretsmanager.CfnSecret(self, "Secret", description="Credentials for sending by SMTP")
        accept(
            secret,
            "AwsSolutions-SMG4",
            "`mailroom smtp rotate` rotates it, in two steps: whoever sends with it has to be told in between.",
        )
        # Not watched by Monitoring: it runs in deployments alone, which fail with it. An alarm in another stack would
        # be in the way of taking the setting back: CloudFormation deletes no export that is in use.
        function = Function(self, "Smtp", bundle=bundle, environment={}, memory_size=256)
        function.allow("iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys", on=user.user_arn)
        function.allow("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", on=secret.ref)
        cdk.CustomResource(
            self,
            "Key",
            resource_type="Custom::SmtpKey",
            service_token=function.function.function_arn,
            service_timeout=cdk.Duration.minutes(2),
            properties={"UserName": user.user_name, "SecretArn": secret.ref},
        )
        stack = cdk.Stack.of(self)
        cdk.CfnOutput(stack, "SmtpUser", value=user.user_name)
        cdk.CfnOutput(stack, "SmtpSecret", value=secret.ref)

    def _let_send(self, user: iam.User, settings: Settings, identity: Identity | StandbyIdentity) -> None:
        stack = cdk.Stack.of(self)
        # SES also asks for the recipient's identity where that is one of the account's own: always in the sandbox, and
        # for mail to ourselves. So every identity, but only with a From of ours.
        identities = stack.format_arn(service="ses", resource="identity", resource_name="*")
        for streams, ours in _from(settings).items():
            sets = [
                stack.format_arn(
                    service="ses",
                    resource="configuration-set",
                    resource_name=identity.streams[stream].configuration_set_name,
                )
                for stream in streams
            ]
            user.add_to_policy(
                iam.PolicyStatement(actions=["ses:SendRawEmail"], resources=[identities, *sets], conditions=ours)
            )
        accept(
            user,
            f"AwsSolutions-IAM5[Resource::{identities.replace(cdk.Aws.ACCOUNT_ID, '<AWS::AccountId>')}]",
            "In the sandbox, and for mail to ourselves, SES asks for the recipient's identity too. A condition limits "
            "who the mail is from.",
        )


def _from(settings: Settings) -> dict[tuple[str, ...], dict[str, dict[str, object]]]:
    """By streams, the condition on whom mail of them is from."""
    if not settings.domains:
        return {STREAMS: {"StringEquals": {"ses:FromAddress": settings.identity}}}
    return {
        streams: {"StringLike": {"ses:FromAddress": [f"*@{name}" for name in names]}}
        for streams, names in senders.domains(settings).items()
    }
