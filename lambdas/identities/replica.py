"""An identity that signs with the DKIM keys of the one of its name in another region: SES's deterministic Easy DKIM.

Sources: SES Developer Guide, "Using Deterministic Easy DKIM (DEED)"; API v2, CreateEmailIdentity. CloudFormation's
AWS::SES::EmailIdentity cannot say where keys come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.shared.custom_resource import Refused

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.literals import DkimSigningAttributesOriginType

FOREIGN = (
    "{name} is an identity in this region already, and signs with keys of its own. If nothing else sends from it here, "
    "delete it (aws sesv2 delete-email-identity --email-identity {name} --region {region}) and deploy again."
)


@dataclass(frozen=True, kw_only=True)
class Identities:
    """By custom resource actions; a request's ResourceProperties name the Identity, its FirstRegion, ConfigurationSet
    and MailFrom."""

    ses: SESV2Client

    def create(self, event: dict[str, Any]) -> None:
        """Refused where there is one that is no replica. One that is there is configured anew."""
        asked = event["ResourceProperties"]
        name, origin = asked["Identity"], origin_of(asked["FirstRegion"])
        try:
            self.ses.create_email_identity(
                EmailIdentity=name, DkimSigningAttributes={"DomainSigningAttributesOrigin": origin}
            )
        except self.ses.exceptions.AlreadyExistsException:
            if self._origin(name) != origin:
                raise Refused(FOREIGN.format(name=name, region=self.ses.meta.region_name)) from None
        self._configure(asked)

    def _configure(self, asked: dict[str, str]) -> None:
        name = asked["Identity"]
        self.ses.put_email_identity_configuration_set_attributes(
            EmailIdentity=name, ConfigurationSetName=asked["ConfigurationSet"]
        )
        self.ses.put_email_identity_mail_from_attributes(
            EmailIdentity=name, MailFromDomain=asked["MailFrom"], BehaviorOnMxFailure="USE_DEFAULT_VALUE"
        )
        self.ses.put_email_identity_feedback_attributes(EmailIdentity=name, EmailForwardingEnabled=False)

    def delete(self, event: dict[str, Any]) -> None:
        """Never one that is not ours: CloudFormation deletes too what it could not make."""
        asked = event["ResourceProperties"]
        if self._origin(asked["Identity"]) == origin_of(asked["FirstRegion"]):
            self.ses.delete_email_identity(EmailIdentity=asked["Identity"])

    def _origin(self, name: str) -> str | None:
        """Where its keys come from; None where there is no such identity."""
        try:
            found = self.ses.get_email_identity(EmailIdentity=name)
        except self.ses.exceptions.NotFoundException:
            return None
        return found["DkimAttributes"].get("SigningAttributesOrigin")


def origin_of(region: str) -> DkimSigningAttributesOriginType:
    """AWS_SES_EU_WEST_1 for eu-west-1: all such names are made so (API v2, DkimSigningAttributes)."""
    return f"AWS_SES_{region.upper().replace('-', '_')}"  # type: ignore[return-value]  # the stubs list each region
