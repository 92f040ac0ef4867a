"""What no metric of AWS tells of SES: `account` asks every 15 minutes, and publishes it as metrics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk

from infra.metrics import QUARTER
from infra.nag import accept
from infra.queued_function import QueuedFunction

if TYPE_CHECKING:
    from infra.bundle import Bundle
    from infra.settings import Settings


class Account(QueuedFunction):
    """Quota and enforcement, whether our rule set is active, whether the identities are verified."""

    def __init__(self, scope: cdk.Stack, *, settings: Settings, bundle: Bundle, rule_set: str | None) -> None:
        environment = {"STAGE": settings.stage, "IDENTITIES": json.dumps(settings.identities)}
        if rule_set:
            environment["RULE_SET"] = rule_set
        super().__init__(scope, "Account", bundle=bundle, memory_size=256, batch_size=1, environment=environment)
        for identity in settings.identities:
            self.allow(
                "ses:GetEmailIdentity",
                on=scope.format_arn(service="ses", resource="identity", resource_name=identity),
            )
        self.allow("ses:GetAccount", *(["ses:DescribeActiveReceiptRuleSet"] if rule_set else []), on="*")
        accept(
            self,
            "AwsSolutions-IAM5[Resource::*]",
            "SES has no resources for these actions: the quota and the active rule set are the account's.",
        )
        self.receive_regularly("LookAtAccount", every=QUARTER)
