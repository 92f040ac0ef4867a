"""Whether SES signs a domain's mail, and from which domain it sends: DKIM and MAIL FROM of an identity."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cli.doctor.line import ERROR, WARNING, Line, error, ok, warning
from cli.doctor.span import ago
from infra.settings_domains import EASY

if TYPE_CHECKING:
    from cli.doctor.case import Case
    from infra.settings_domains import Domain

SUCCESS, PENDING = "SUCCESS", "PENDING"
OLD = timedelta(days=365)  # for a key that SES does not change by itself
EXTERNAL = "EXTERNAL"  # the key is ours (API v2, DkimAttributes.SigningAttributesOrigin)
SHORT = "RSA_1024_BIT"


def dkim(case: Case, domain: Domain, said: dict[str, Any]) -> Line:
    check, name, status = "dkim", domain.name, said.get("Status", "unknown")
    if not said.get("SigningEnabled"):
        on = case.aws(f"sesv2 put-email-identity-dkim-attributes --email-identity {name} --signing-enabled")
        return error(check, f"{name}: signing is off, so that DMARC rests on SPF alone", on)
    if status != SUCCESS:
        unsigned = f"{name}: SES does not find the records of the keys ({status}): mails go out unsigned"
        return error(check, unsigned, f"{case.command('dns')}; SES sees them by itself")
    own = said.get("SigningAttributesOrigin") == EXTERNAL
    if own == (domain.dkim == EASY):
        whose = "a key of your own" if own else "SES's own keys"
        mend = case.deploy if own else case.command(f"dkim create {name}")
        return warning(check, f"{name} signs with {whose}, and its setting `dkim` is {domain.dkim!r}", mend)
    return key(case, domain, said)


def key(case: Case, domain: Domain, said: dict[str, Any]) -> Line:
    check, name, made = "dkim", domain.name, said.get("LastKeyGenerationTimestamp")
    age = f", made {ago(case.now - made)}" if made else ""
    if said.get("CurrentSigningKeyLength") == SHORT:
        put = f"sesv2 put-email-identity-dkim-signing-attributes --email-identity {name}"
        origin = "--signing-attributes-origin AWS_SES --signing-attributes NextSigningKeyLength=RSA_2048_BIT"
        return warning(check, f"{name} signs with 1024 bits{age}; Google advises 2048", case.aws(f"{put} {origin}"))
    whose = "2048 bits" if domain.dkim == EASY else "a key of your own"
    if domain.dkim != EASY and made and case.now - made > OLD:
        return warning(check, f"{name} signs with {whose}{age}", f"{case.command(f'dkim rotate {name}')} changes it")
    return ok(check, f"{name} signs with {whose}{age}")


def mail_from(case: Case, domain: Domain, said: dict[str, Any]) -> Line:
    check, found, status = "mail-from", said.get("MailFromDomain"), said.get("MailFromDomainStatus", "unknown")
    if found != domain.mail_from_domain:
        there = (
            f"{domain.name} has the MAIL FROM domain {found or 'of SES'}, and by its settings {domain.mail_from_domain}"
        )
        return error(check, there, case.deploy)
    if status == SUCCESS:
        return ok(check, f"{found} takes the bounces of {domain.name}")
    stopped = said.get("BehaviorOnMxFailure") == "REJECT_MESSAGE"
    until = "nothing is sent" if stopped else "bounces go to a domain of SES's, and SPF is not aligned"
    return Line(
        check=check,
        level=WARNING if status == PENDING and not stopped else ERROR,
        said=f"{found}: SES does not find its records ({status}); until it does, {until}",
        mend=f"{case.command('dns')}; SES sees them by itself",
    )
