"""Who we are to other mail servers: SES's identities, their DNS records, and the two streams we send in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ses as ses

from infra.nag import accept
from infra.records import TTL, prefix, wanted
from infra.settings_domains import EASY, OWN, TRANSACTIONAL
from infra.streams import streams

if TYPE_CHECKING:
    from constructs import Construct

    from infra.records import Record
    from infra.settings import Settings
    from infra.settings_domains import Domain, HostedZone


class Identity(cdk.Stack):
    """The domains (with DKIM, MAIL FROM, DMARC and inbound MX) or the one address, and the configuration sets."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        self.streams = streams(self, settings)
        for name, stream in self.streams.items():
            cdk.CfnOutput(self, f"{name.capitalize()}Set", value=stream.configuration_set_name)
        self.identities = {domain.name: self._domain(settings, domain) for domain in settings.domains}
        for domain in settings.domains:
            if domain.dkim == OWN:
                self._own_key(f"{prefix(settings, domain)}Dkim", domain.name)
        if settings.address:
            self.identities = {settings.address: self._address(settings.address)}
        zones = {domain.name: domain.hosted_zone for domain in settings.domains}
        for record in wanted(settings, self._keys(settings)):
            self._record(zones[record.domain], record)
        if settings.tenant:
            self._tenant(settings.tenant)

    # Mail that names no configuration set, as by SMTP, goes with the identity's own: else nothing is heard of it.

    def _address(self, address: str) -> ses.EmailIdentity:
        return ses.EmailIdentity(
            self,
            "Address",
            identity=ses.Identity.email(address),
            configuration_set=self.streams[TRANSACTIONAL],
            feedback_forwarding=False,
        )

    def _domain(self, settings: Settings, domain: Domain) -> ses.EmailIdentity:
        easy = ses.DkimIdentity.easy_dkim(ses.EasyDkimSigningKeyLength.RSA_2048_BIT)
        return ses.EmailIdentity(
            self,
            f"{prefix(settings, domain)}Domain",
            identity=ses.Identity.domain(domain.name),
            configuration_set=self.streams[domain.sent[0]],
            dkim_identity=easy if domain.dkim == EASY else None,
            mail_from_domain=domain.mail_from_domain,
            mail_from_behavior_on_mx_failure=ses.MailFromBehaviorOnMxFailure.USE_DEFAULT_VALUE,
            feedback_forwarding=False,
        )

    def _own_key(self, id: str, domain: str) -> None:
        """Without a value, so that no template has the key and no deployment puts one in its place."""
        secret = secretsmanager.CfnSecret(self, f"{id}Key", description=f"What mail of {domain} is signed with")
        reason = "`mailroom dkim rotate` rotates it, in two steps: its record has to be in the DNS in between."
        accept(secret, "AwsSolutions-SMG4", reason)
        cdk.CfnOutput(self, f"{id}Secret", value=secret.ref)

    def _keys(self, settings: Settings) -> dict[str, list[tuple[str, str, str]]]:
        """The DNS records of the keys that SES made; what `mailroom dkim` makes no template knows."""
        return {
            domain.name: [(key.name, "CNAME", key.value) for key in self.identities[domain.name].dkim_records]
            for domain in settings.domains
            if domain.dkim == EASY
        }

    def _tenant(self, name: str) -> None:
        """A tenant of SES that sends with all that the stage has."""
        sets = [
            self.format_arn(service="ses", resource="configuration-set", resource_name=stream.configuration_set_name)
            for stream in self.streams.values()
        ]
        arns = [*(identity.email_identity_arn for identity in self.identities.values()), *sets]
        associated = [ses.CfnTenant.ResourceAssociationProperty(resource_arn=arn) for arn in arns]
        ses.CfnTenant(self, "Tenant", tenant_name=name, resource_associations=associated)

    def _record(self, zone: HostedZone | None, record: Record) -> None:
        """The record in the hosted zone, or for a user without one an output to copy: name, type, value."""
        if zone:
            route53.CfnRecordSet(
                self,
                f"{record.id}Record",
                hosted_zone_id=zone.id,
                name=f"{record.name}.",
                type=record.type,
                ttl=str(TTL),
                resource_records=[record.value],
            )
        else:
            shown = f"{record.name} {record.type} {record.value}"
            cdk.CfnOutput(self, f"{record.id}Record", value=shown, description="To be added to your DNS")
