"""Who we are to other mail servers: SES's identities, their DNS records, and the two streams we send in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_ses as ses

from infra.records import prefix, wanted
from infra.settings_domains import EASY

if TYPE_CHECKING:
    from constructs import Construct

    from infra.records import Record
    from infra.settings import Settings
    from infra.settings_domains import Domain, HostedZone


class Identity(cdk.Stack):
    """The domains (with DKIM, MAIL FROM, DMARC and inbound MX) or the one address, and the configuration sets."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        # SES puts a complainer on the account's list whatever stream it was; each set says which of the list's reasons
        # stop its mail. So a complaint about a newsletter stops newsletters and no password reset, a dead address both
        # (developer guide, sending-email-suppression-list-config-level).
        self._tracking = settings.tracking
        self.transactional = self._stream("Transactional", ses.SuppressionReasons.BOUNCES_ONLY)
        self.marketing = self._stream("Marketing", ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS)
        for name, stream in self.streams.items():
            cdk.CfnOutput(self, f"{name.capitalize()}Set", value=stream.configuration_set_name)
        # Mail that names no configuration set, as by SMTP, goes with the identity's own: else nothing is heard of it.
        zones = {domain.name: domain.hosted_zone for domain in settings.domains}
        for record in wanted(settings, {domain.name: self._domain(settings, domain) for domain in settings.domains}):
            self._record(zones[record.domain], record)
        if settings.address:
            ses.EmailIdentity(
                self,
                "Address",
                identity=ses.Identity.email(settings.address),
                configuration_set=self.transactional,
                feedback_forwarding=False,
            )

    @property
    def streams(self) -> dict[str, ses.ConfigurationSet]:
        return {"transactional": self.transactional, "marketing": self.marketing}

    def _stream(self, id: str, suppresses: ses.SuppressionReasons) -> ses.ConfigurationSet:
        own_name = self._tracking.domain if id.lower() in self._tracking.streams else None
        policy = ses.HttpsPolicy.REQUIRE if self._tracking.links else ses.HttpsPolicy.OPTIONAL
        return ses.ConfigurationSet(
            self,
            id,
            reputation_metrics=True,
            sending_enabled=True,
            suppression_reasons=suppresses,
            # Required TLS would keep codes and resets from the few servers that still have none.
            tls_policy=ses.ConfigurationSetTlsPolicy.OPTIONAL,
            custom_tracking_redirect_domain=own_name,
            custom_tracking_https_policy=policy if own_name else None,
        )

    def _domain(self, settings: Settings, domain: Domain) -> list[tuple[str, str, str]]:
        """The identity; gives the DNS records of the keys that SES signs with."""
        identity = ses.EmailIdentity(
            self,
            f"{prefix(settings, domain)}Domain",
            identity=ses.Identity.domain(domain.name),
            configuration_set=self.streams[domain.sent[0]],
            dkim_identity=ses.DkimIdentity.easy_dkim(ses.EasyDkimSigningKeyLength.RSA_2048_BIT)
            if domain.dkim == EASY
            else None,
            mail_from_domain=domain.mail_from_domain,
            mail_from_behavior_on_mx_failure=ses.MailFromBehaviorOnMxFailure.USE_DEFAULT_VALUE,
            feedback_forwarding=False,
        )
        return [(record.name, "CNAME", record.value) for record in identity.dkim_records if domain.dkim == EASY]

    def _record(self, zone: HostedZone | None, record: Record) -> None:
        """The record in the hosted zone, or for a user without one an output to copy: name, type, value."""
        if zone:
            route53.CfnRecordSet(
                self,
                f"{record.id}Record",
                hosted_zone_id=zone.id,
                name=f"{record.name}.",
                type=record.type,
                ttl="1800",
                resource_records=[record.value],
            )
        else:
            shown = f"{record.name} {record.type} {record.value}"
            cdk.CfnOutput(self, f"{record.id}Record", value=shown, description="To be added to your DNS")
