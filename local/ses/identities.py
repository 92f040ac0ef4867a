"""The operations on identities, and how CloudFormation and they describe one."""

import dataclasses
from typing import TYPE_CHECKING, Any

from local.ses import dkim
from local.ses.account import Identity
from local.ses.errors import AlreadyExists, BadRequest, NotFound

if TYPE_CHECKING:
    from local.ses.account import Account
    from local.ses.wire import Call


def create_email_identity(account: "Account", call: "Call") -> dict[str, Any]:
    """Verified at once: nobody here could click a link or publish a record. A knob leaves that out (docs/local.md)."""
    name = call.parameters["EmailIdentity"].lower()
    if name in account.identities:
        raise AlreadyExists(f"Email identity {name} already exist.")
    default = call.parameters.get("ConfigurationSetName", "")
    tags = tuple(call.parameters.get("Tags", ()))
    made = _replica(account, name, call) if parent_region(call.parameters) else account.new_identity(name)
    account.identities[name] = dataclasses.replace(made, configuration_set=default, tags=tags)
    described = _describe(account.identities[name])
    return {key: described[key] for key in ("IdentityType", "VerifiedForSendingStatus", "DkimAttributes")}


def verify_email_identity(account: "Account", call: "Call") -> dict[str, Any]:
    """Of v1: makes an address an identity, or mails its link again, of which nothing is to be seen here."""
    name = call.parameters["EmailAddress"].lower()
    account.identities.setdefault(name, account.new_identity(name))
    return {}


def get_email_identity(account: "Account", call: "Call") -> dict[str, Any]:
    return _describe(_find(account, call))


def list_email_identities(account: "Account", _call: "Call") -> dict[str, Any]:
    listed = [
        {
            "IdentityName": identity.name,
            "IdentityType": _type(identity),
            "SendingEnabled": identity.verified,
            "VerificationStatus": identity.status,
        }
        for identity in account.identities.values()
    ]
    return {"EmailIdentities": listed}


def delete_email_identity(account: "Account", call: "Call") -> dict[str, Any]:
    """Not while another region has a replica of it (DG send-email-authentication-dkim-deed)."""
    name = _find(account, call).name
    for region, elsewhere in account.regions.items():
        replica = elsewhere.identities.get(name)
        if replica and replica.parent == account.region and not replica.error:
            raise BadRequest(f"Email identity {name} has a replica in {region}, which must be deleted first.")
    del account.identities[name]
    return {}


def put_configuration_set_attributes(account: "Account", call: "Call") -> dict[str, Any]:
    name = call.parameters.get("ConfigurationSetName", "")
    if name:
        account.configuration_set(name)
    return _put(account, call, configuration_set=name)


def put_feedback_attributes(account: "Account", call: "Call") -> dict[str, Any]:
    return _put(account, call, feedback_forwarding=call.parameters.get("EmailForwardingEnabled", False))


def put_mail_from_attributes(account: "Account", call: "Call") -> dict[str, Any]:
    return _put(
        account,
        call,
        mail_from=call.parameters.get("MailFromDomain", ""),
        on_mx_failure=call.parameters.get("BehaviorOnMxFailure", _find(account, call).on_mx_failure),
    )


def parent_region(parameters: dict[str, Any]) -> str:
    """Of a request for a replica the region of its parent: `eu-west-1` for AWS_SES_EU_WEST_1; else none."""
    origin: str = parameters.get("DkimSigningAttributes", {}).get("DomainSigningAttributesOrigin", "")
    return origin.removeprefix("AWS_SES_").replace("_", "-").lower() if origin.startswith("AWS_SES_") else ""


def _replica(account: "Account", name: str, call: "Call") -> Identity:
    """What makes it fail is told later, as on AWS: in VerificationInfo. Its records are its parent's."""
    region = parent_region(call.parameters)
    made = dataclasses.replace(account.new_identity(name), parent=region, verified=False)
    parent = account.regions[region].identities.get(name) if region in account.regions else None
    if parent is None or region == account.region:
        return dataclasses.replace(made, unverified="FAILED", error="REPLICATION_PRIMARY_NOT_FOUND")
    if parent.parent:
        return dataclasses.replace(made, unverified="FAILED", error="REPLICATION_REPLICA_AS_PRIMARY_NOT_SUPPORTED")
    return dataclasses.replace(made, verified=parent.verified, unverified=parent.unverified, dkim=parent.dkim)


def _put(account: "Account", call: "Call", **changes: Any) -> dict[str, Any]:
    identity = _find(account, call)
    account.identities[identity.name] = dataclasses.replace(identity, **changes)
    return {}


def _find(account: "Account", call: "Call") -> Identity:
    name = call.parameters["EmailIdentity"].lower()
    if name not in account.identities:
        raise NotFound(f"Email identity {name} does not exist.")
    return account.identities[name]


def _type(identity: Identity) -> str:
    return "DOMAIN" if identity.is_domain else "EMAIL_ADDRESS"


def _describe(identity: Identity) -> dict[str, Any]:
    described: dict[str, Any] = {
        "IdentityType": _type(identity),
        "FeedbackForwardingStatus": identity.feedback_forwarding,
        "VerifiedForSendingStatus": identity.verified,
        "VerificationStatus": identity.status,
        "DkimAttributes": {"SigningEnabled": identity.is_domain, "Status": identity.dkim_status},
        "MailFromAttributes": {
            "MailFromDomain": identity.mail_from,
            "MailFromDomainStatus": identity.mail_from_status,
            "BehaviorOnMxFailure": identity.on_mx_failure,
        },
        "VerificationInfo": _info(identity),
        "Policies": {},
        "Tags": list(identity.tags),
    }
    if identity.is_domain:
        described["DkimAttributes"] |= dkim.describe(identity)
    if identity.configuration_set:
        described["ConfigurationSetName"] = identity.configuration_set
    return described


def _info(identity: Identity) -> dict[str, Any]:
    """Looked at when it was made, and never since."""
    success = {"LastSuccessTimestamp": identity.since} if identity.verified else {}
    return (
        {"LastCheckedTimestamp": identity.since} | success | ({"ErrorType": identity.error} if identity.error else {})
    )
