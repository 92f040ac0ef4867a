"""Which IAM actions SES checks for a call, on which resources, with which condition keys. Pure.

After the Service Authorization Reference for SES v2, and after what errors of the live service name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parseaddr
from itertools import product
from typing import Any

from local.ses.account import Account
from local.ses.identities import parent_region
from local.ses.send import to_be_sent
from local.ses.submission import Submission
from local.ses.wire import Call


@dataclass(frozen=True, kw_only=True)
class Check:
    action: str
    resource: str
    keys: dict[str, Any] = field(default_factory=dict)


def checks(account: Account, call: Call, *, version: str) -> list[Check]:
    """`version` is the API's: 1 or 2. All of them must be allowed."""
    if call.operation == "SendEmail" and version == "2":
        return list(sending(account, to_be_sent(account, call.parameters)))
    asked = [Check(action=f"ses:{call.operation}", resource=_resource(account, call.parameters, version))]
    if call.operation == "CreateEmailIdentity" and (parent := parent_region(call.parameters)):
        asked.append(_copying(account, parent, call.parameters["EmailIdentity"]))
    return asked


def _copying(account: Account, parent: str, name: str) -> Check:
    """Deterministic Easy DKIM needs the parent's key (DG send-email-authentication-dkim-deed, required permissions)."""
    resource = f"arn:aws:ses:{parent}:{account.id}:identity/{name}"
    return Check(
        action="ses:ReplicateEmailIdentityDkimSigningKey",
        resource=resource,
        keys={"ses:ReplicaRegion": [account.region]},
    )


def _resource(account: Account, parameters: dict[str, Any], version: str) -> str:
    """v2 operations name a set or an identity; those on the account and the v1 receipt operations know no resource."""
    if version == "2" and "EmailIdentity" in parameters:
        return account.arn(f"identity/{parameters['EmailIdentity']}")
    if version == "2" and "ConfigurationSetName" in parameters:
        return account.arn(f"configuration-set/{parameters['ConfigurationSetName']}")
    return "*"


def sending(account: Account, submission: Submission) -> Iterator[Check]:
    """Raw content is another action. Besides the sender's identity SES checks the set, the identity's default one too,
    and any recipient's identity. Every address that the message says it is from must pass."""
    found = (account.identity_of(address) for address in submission.recipients)
    names = [_identity(account, sender) for sender in submission.senders]
    names += [identity.name for identity in found if identity]
    arns = [account.arn(f"identity/{name}") for name in dict.fromkeys(names)]
    if submission.configuration_set:
        arns.append(account.arn(f"configuration-set/{submission.configuration_set}"))
    for sender, arn in product(submission.senders, arns):
        keys = {
            "ses:FromAddress": sender,
            "ses:FromDisplayName": parseaddr(submission.source)[0],
            "ses:Recipients": list(submission.recipients),
            "ses:ApiVersion": "2",
            **({"ses:TenantName": submission.tenant} if submission.tenant else {}),
        }
        yield Check(action="ses:SendRawEmail" if submission.raw else "ses:SendEmail", resource=arn, keys=keys)


def _identity(account: Account, address: str) -> str:
    found = account.identity_of(address)
    return found.name if found else address
