"""Who we are to other mail servers: the SES identity, its DNS records, and the two streams we send in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_ses as ses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct

    from infra.settings import Settings


class Identity(cdk.Stack):
    """The domain (with DKIM, MAIL FROM, DMARC and inbound MX) or the one address, and the configuration sets."""

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
        if settings.domain:
            self._domain(settings, settings.domain)
        else:
            ses.EmailIdentity(
                self,
                "Address",
                identity=ses.Identity.email(settings.identity),
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

    def _domain(self, settings: Settings, domain: str) -> None:
        identity = ses.EmailIdentity(
            self,
            "Domain",
            identity=ses.Identity.domain(domain),
            configuration_set=self.transactional,
            dkim_identity=ses.DkimIdentity.easy_dkim(ses.EasyDkimSigningKeyLength.RSA_2048_BIT),
            mail_from_domain=f"{settings.mail_from}.{domain}",
            mail_from_behavior_on_mx_failure=ses.MailFromBehaviorOnMxFailure.USE_DEFAULT_VALUE,
            feedback_forwarding=False,
        )
        for number, dkim in enumerate(identity.dkim_records, start=1):
            self._record(settings, f"Dkim{number}", dkim.name, "CNAME", dkim.value)
        for record in _records(settings, domain):
            self._record(settings, *record)

    def _record(self, settings: Settings, id: str, name: str, type: str, value: str) -> None:
        """The record in the hosted zone, or for a user without one an output to copy: name, type, value."""
        if settings.hosted_zone:
            route53.CfnRecordSet(
                self,
                f"{id}Record",
                hosted_zone_id=settings.hosted_zone.id,
                name=f"{name}.",
                type=type,
                ttl="1800",
                resource_records=[value],
            )
        else:
            cdk.CfnOutput(self, f"{id}Record", value=f"{name} {type} {value}", description="To be added to your DNS")


def _records(settings: Settings, domain: str) -> Iterator[tuple[str, str, str, str]]:
    """Id, name, type and value of the records that neither SES nor the CDK makes, besides DKIM's."""
    mail_from = f"{settings.mail_from}.{domain}"
    yield "MailFromMx", mail_from, "MX", f"10 feedback-smtp.{settings.region}.amazonses.com"
    yield "MailFromSpf", mail_from, "TXT", '"v=spf1 include:amazonses.com ~all"'
    yield "Dmarc", f"_dmarc.{domain}", "TXT", f'"v=DMARC1; p={settings.dmarc}"'
    if settings.tracking.domain:
        # Where SES waits for opens and clicks (developer guide, configure-custom-open-click-domains).
        yield "Tracking", settings.tracking.domain, "CNAME", settings.tracking.cdn or f"r.{settings.region}.awstrack.me"
    for number, receiving in enumerate(settings.receiving_domains, start=1):
        yield f"InboundMx{number}", receiving, "MX", f"10 inbound-smtp.{settings.region}.amazonaws.com"
