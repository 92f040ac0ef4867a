"""What a domain's mail is signed with: keys of SES, or one that was brought. No mail is signed here (docs/local.md)."""

import dataclasses
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from local.ses.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from local.ses.account import Account, Identity
    from local.ses.wire import Call

BITS = range(1024, 2049)  # API v2, DkimSigningAttributes


def put_signing_attributes(account: "Account", call: "Call") -> dict[str, Any]:
    """With the result of a look-up of the new records, which on AWS comes later."""
    name = call.parameters["EmailIdentity"].lower()
    identity = account.identities.get(name)
    if identity is None:
        raise NotFound(f"Email identity {name} does not exist.")
    if not identity.is_domain:
        raise BadRequest("DKIM signing attributes are of domains.")
    selector = _brought(call.parameters) if call.parameters["SigningAttributesOrigin"] == "EXTERNAL" else ""
    changed = dataclasses.replace(identity, selector=selector, verified=account.verifies, dkim="", error="")
    account.identities[name] = changed
    return {"DkimStatus": changed.dkim_status, "DkimTokens": describe(changed)["Tokens"]}


def _brought(parameters: dict[str, Any]) -> str:
    given = parameters.get("SigningAttributes", {})
    try:
        key = load_der_private_key(b64decode(given["DomainSigningPrivateKey"], validate=True), password=None)
    except (KeyError, ValueError) as error:
        raise BadRequest("DomainSigningPrivateKey is no RSA key as DER in base64, or is missing.") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size not in BITS:
        raise BadRequest("DomainSigningPrivateKey must be an RSA key of 1024 to 2048 bits.")
    if not given.get("DomainSigningSelector"):
        raise BadRequest("DomainSigningSelector is missing.")
    return str(given["DomainSigningSelector"])


def describe(identity: "Identity") -> dict[str, Any]:
    """Of GetEmailIdentity's DkimAttributes what tells whose keys they are."""
    if identity.selector:
        return {"Tokens": [identity.selector], "SigningAttributesOrigin": "EXTERNAL"}
    region = identity.parent.upper().replace("-", "_")
    return {
        "Tokens": list(identity.tokens),
        "SigningHostedZone": "dkim.amazonses.com",
        "SigningAttributesOrigin": f"AWS_SES_{region}" if region else "AWS_SES",
        "NextSigningKeyLength": "RSA_2048_BIT",
        "CurrentSigningKeyLength": "RSA_2048_BIT",
        "LastKeyGenerationTimestamp": identity.since,
    }
