"""The operations on identities, and how CloudFormation and they describe one."""

import dataclasses
from typing import TYPE_CHECKING, Any

from local.ses.account import Identity
from local.ses.errors import AlreadyExists, NotFound

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
    account.identities[name] = dataclasses.replace(account.new_identity(name), configuration_set=default, tags=tags)
    described = _describe(account.identities[name])
    return {key: described[key] for key in ("IdentityType", "VerifiedForSendingStatus", "DkimAttributes")}


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
    del account.identities[_find(account, call).name]
    return {}


def put_mail_from_attributes(account: "Account", call: "Call") -> dict[str, Any]:
    identity = _find(account, call)
    account.identities[identity.name] = dataclasses.replace(
        identity,
        mail_from=call.parameters.get("MailFromDomain", ""),
        on_mx_failure=call.parameters.get("BehaviorOnMxFailure", identity.on_mx_failure),
    )
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
        described["DkimAttributes"] |= _easy_dkim(identity)
    if identity.configuration_set:
        described["ConfigurationSetName"] = identity.configuration_set
    return described


def _easy_dkim(identity: Identity) -> dict[str, Any]:
    return {
        "Tokens": list(identity.tokens),
        "SigningHostedZone": "dkim.amazonses.com",
        "SigningAttributesOrigin": "AWS_SES",
        "NextSigningKeyLength": "RSA_2048_BIT",
        "CurrentSigningKeyLength": "RSA_2048_BIT",
        "LastKeyGenerationTimestamp": identity.since,
    }


def _info(identity: Identity) -> dict[str, Any]:
    """Looked at when it was made, and never since."""
    success = {"LastSuccessTimestamp": identity.since} if identity.verified else {}
    return (
        {"LastCheckedTimestamp": identity.since} | success | ({"ErrorType": identity.error} if identity.error else {})
    )
