"""The stage's identities as SES has them: there or not, verified or not, and since when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cli.doctor.authentication import dkim, mail_from
from cli.doctor.line import Line, error, ok, warning
from cli.doctor.span import ago, length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.doctor.case import Case

SUCCESS, PENDING, FAILED = "SUCCESS", "PENDING", "FAILED"
# SES looks for the records of a new key for so long (developer guide, send-email-authentication-dkim-easy).
LOOKED_FOR = timedelta(hours=72)
# API v2, VerificationInfo.ErrorType; those of deterministic Easy DKIM begin with REPLICATION.
REASONS = {
    "HOST_NOT_FOUND": "there is nothing at the names of the records",
    "TYPE_NOT_FOUND": "at the names of the records are others, of another type",
    "INVALID_VALUE": "the records have other values",
    "DNS_SERVER_ERROR": "the domain's name servers do not answer",
    "SERVICE_ERROR": "SES itself failed",
    "REPLICATION_ACCESS_DENIED": "SES may not read the identity in the other region",
    "REPLICATION_PRIMARY_NOT_FOUND": "the identity is not there in the other region",
    "REPLICATION_PRIMARY_BYO_DKIM_NOT_SUPPORTED": "the identity in the other region has keys of its own",
    "REPLICATION_REPLICA_AS_PRIMARY_NOT_SUPPORTED": "the identity in the other region is a replica itself",
    "REPLICATION_PRIMARY_INVALID_REGION": "SES has no such identity to copy in the other region",
}


def identities(case: Case) -> Iterator[Line]:
    for name in case.settings.identities:
        said = case.identity(name)
        yield from of(case, name, said) if said else [missing(case, name)]


def of(case: Case, name: str, said: dict[str, Any]) -> Iterator[Line]:
    if not case.deployed("Identity"):
        yield foreign(case, name)
    yield verified(case, name, said)
    for domain in case.settings.domains:
        if domain.name == name:
            yield dkim(case, domain, said.get("DkimAttributes", {}))
            yield mail_from(case, domain, said.get("MailFromAttributes", {}))


def missing(case: Case, name: str) -> Line:
    if not case.deployed("Identity"):
        return warning("identity", f"{name} is no identity of SES yet", f"{case.deploy} makes it")
    if any((stack.name, stack.status) == ("Identity", "CREATE_IN_PROGRESS") for stack in case.stacks):
        return warning("identity", f"{name} is no identity of SES yet: its stack is being made", "wait, then ask again")
    create = case.aws(f"sesv2 create-email-identity --email-identity {name}")
    gone = f"{name} is no identity of SES, though the stack has made it: somebody has deleted it"
    return error("identity", gone, f"{create}, then {case.deploy}; its DKIM records are new ones")


def foreign(case: Case, name: str) -> Line:
    delete = case.aws(f"sesv2 delete-email-identity --email-identity {name}")
    said = f"{name} is an identity of SES that this stage has not made: a deployment would stop at it"
    return error("identity", said, f"{delete}, if nothing else sends from it; or `cdk import` it")


def verified(case: Case, name: str, said: dict[str, Any]) -> Line:
    check, status, info = "identity", said.get("VerificationStatus", "unknown"), said.get("VerificationInfo", {})
    if status == SUCCESS:
        seen = info.get("LastSuccessTimestamp")
        return ok(check, f"{name} is verified{f'; SES last saw so {ago(case.now - seen)}' if seen else ''}")
    reason = f": {REASONS[info['ErrorType']]}" if info.get("ErrorType") in REASONS else ""
    told = f"{name} is not verified ({status}{reason}): nothing is sent from it"
    if "@" in name:
        again = case.command(f"sandbox verify {name}")
        return error(check, told, f"open the link in AWS's mail to {name}; {again} has it sent again")
    return error(check, f"{told}{looked_for(case, said, status)}", f"{case.command('dns')}; {then(case, name, status)}")


def then(case: Case, name: str, status: str) -> str:
    if status != FAILED:
        return "once the records are there, SES sees them by itself"
    look = case.aws(f"ses verify-domain-dkim --domain {name}")
    return f"once the records are there, {look} has SES look for them again"


def looked_for(case: Case, said: dict[str, Any], status: str) -> str:
    """How long SES goes on looking for the records of a new key."""
    made = said.get("DkimAttributes", {}).get("LastKeyGenerationTimestamp")
    if status != PENDING or not made:
        return ""
    left = made + LOOKED_FOR - case.now
    more = f", and for {length(left)} more" if left > timedelta() else ", which is as long as it does"
    return f"; SES has looked for its records for {length(case.now - made)}{more}"
