"""Tenants: a send for one succeeds only with what is associated with it (API v2, SendEmail, TenantName)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.ses.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from local.ses.account import Account
    from local.ses.submission import Submission
    from local.ses.wire import Call


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """`resources` are the ARNs of identities and configuration sets."""

    name: str
    resources: frozenset[str]


def check(account: "Account", submission: "Submission") -> None:
    """Which error SES has for what is not associated is not documented; a request that must change is a bad one."""
    if not submission.tenant:
        return
    found = (account.identity_of(address) for address in submission.senders)
    used = [account.arn(f"identity/{identity.name}") for identity in found if identity]
    if submission.configuration_set:
        used.append(account.arn(f"configuration-set/{submission.configuration_set}"))
    tenant = _find(account, submission.tenant)
    if foreign := [arn for arn in used if arn not in tenant.resources]:
        raise BadRequest(f"Not associated with tenant {tenant.name}: {', '.join(foreign)}")


def get_tenant(account: "Account", call: "Call") -> dict[str, Any]:
    tenant = _find(account, call.parameters["TenantName"])
    return {"Tenant": {"TenantName": tenant.name, "SendingStatus": "ENABLED"}}


def list_tenant_resources(account: "Account", call: "Call") -> dict[str, Any]:
    arns = sorted(_find(account, call.parameters["TenantName"]).resources)
    return {"TenantResources": [{"ResourceType": _kind(arn), "ResourceArn": arn} for arn in arns]}


def _kind(arn: str) -> str:
    return "EMAIL_IDENTITY" if ":identity/" in arn else "CONFIGURATION_SET"


def _find(account: "Account", name: str) -> Tenant:
    try:
        return account.tenants[name]
    except KeyError:
        raise NotFound(f"Tenant {name} does not exist.") from None
