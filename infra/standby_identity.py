"""Who we are in the standby region: identities that sign with the first region's DKIM keys, and the two streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from infra.function import Function
from infra.records import prefix
from infra.streams import streams

if TYPE_CHECKING:
    from constructs import Construct

    from infra.bundle import Bundle
    from infra.settings import Settings
    from infra.settings_domains import Domain

CHANGES = (
    *("CreateEmailIdentity", "GetEmailIdentity", "DeleteEmailIdentity", "PutEmailIdentityConfigurationSetAttributes"),
    *("PutEmailIdentityMailFromAttributes", "PutEmailIdentityFeedbackAttributes"),
)


class StandbyIdentity(cdk.Stack):
    """As Identity; the DNS records are all in the first region's, where the names are."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, bundle: Bundle, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        self.streams = streams(self, settings)
        for name, stream in self.streams.items():
            cdk.CfnOutput(self, f"{name.capitalize()}Set", value=stream.configuration_set_name)
        function = Function(self, "Identities", bundle=bundle, environment={}, memory_size=256)
        self._let_copy(function, settings)
        for domain in settings.domains:
            self._domain(function, settings, domain)

    def _let_copy(self, function: Function, settings: Settings) -> None:
        for domain in settings.domains:
            own, parent = (
                self.format_arn(service="ses", region=region, resource="identity", resource_name=domain.name)
                for region in (self.region, settings.first_region)
            )
            function.allow(*(f"ses:{change}" for change in CHANGES), on=own)
            function.allow(
                "ses:ReplicateEmailIdentityDkimSigningKey",
                on=parent,
                when={"ForAllValues:StringEquals": {"ses:ReplicaRegion": [self.region]}},
            )

    def _domain(self, function: Function, settings: Settings, domain: Domain) -> None:
        stream = self.streams[domain.sent[0]]
        cdk.CustomResource(
            self,
            f"{prefix(settings, domain)}Domain",
            resource_type="Custom::ReplicaIdentity",
            service_token=function.function.function_arn,
            service_timeout=cdk.Duration.minutes(2),
            properties={
                "Identity": domain.name,
                "FirstRegion": settings.first_region,
                "ConfigurationSet": stream.configuration_set_name,
                "MailFrom": domain.mail_from_domain,
            },
        )
