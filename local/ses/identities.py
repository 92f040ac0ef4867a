"""The operations on identities, and how CloudFormation and they describe one."""

import dataclasses
from typing import TYPE_CHECKING, Any

from local.ses.account import Identity
from local.ses.errors import AlreadyExists, NotFound

if TYPE_CHECKING:
    from local.ses.account import Account
    from local.ses.wire import Call


def create_email_identity(account: "Account", call: "Call") -> dict[str, Any]:
    """Verified at once: nobody here could click a link or publish a record (docs/local.md)."""
    name = call.parameters["EmailIdentity"].lower()
    if name in account.identities:
        raise AlreadyExists(f"Email identity {name} already exist.")
    default = call.parameters.get("ConfigurationSetName", "")
    tags = tuple(call.parameters.get("Tags", ()))
    account.identities[name] = Identity(name=name, configuration_set=default, tags=tags)
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
            "VerificationStatus": _status(identity),
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


def _status(identity: Identity) -> str:
    return "SUCCESS" if identity.verified else identity.unverified


def _describe(identity: Identity) -> dict[str, Any]:
    described: dict[str, Any] = {
        "IdentityType": _type(identity),
        "FeedbackForwardingStatus": identity.feedback_forwarding,
        "VerifiedForSendingStatus": identity.verified,
        "VerificationStatus": _status(identity),
        "DkimAttributes": {"SigningEnabled": identity.is_domain, "Status": _status(identity)},
        "MailFromAttributes": {
            "MailFromDomain": identity.mail_from,
            "MailFromDomainStatus": _status(identity),
            "BehaviorOnMxFailure": identity.on_mx_failure,
        },
        "Policies": {},
        "Tags": list(identity.tags),
    }
    if identity.is_domain:
        signing = {"Tokens": list(identity.tokens), "SigningAttributesOrigin": "AWS_SES"}
        described["DkimAttributes"] |= signing | {"NextSigningKeyLength": "RSA_2048_BIT"}
    if identity.configuration_set:
        described["ConfigurationSetName"] = identity.configuration_set
    return described
