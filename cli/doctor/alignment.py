"""Whether what we would send passes DMARC: a domain that SPF or DKIM vouch for must be that of From (RFC 9989)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.dns.dmarc import inherited, read, records_of
from cli.dns.tags import tags
from cli.doctor.line import Line, error, ok, warning
from infra.settings_domains import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.dns.answer import LookUp
    from cli.doctor.case import Case

SUCCESS, STRICT = "SUCCESS", "s"


@dataclass(frozen=True, kw_only=True)
class Vouching:
    """The domains that vouch for a mail: DKIM's d= and the envelope's; empty where it is one of SES's own. `planned`:
    they will, once the identity and its records are there."""

    dkim: str
    spf: str
    planned: bool = False


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a domain's DMARC record asks for; `text` is empty where there is none. `policy` is None where nobody knows,
    for the DNS was not asked, or did not answer."""

    text: str = ""
    policy: str | None = "none"

    def strict(self, tag: str) -> bool:
        return tags(self.text).get(tag, "r").lower() == STRICT if self.text else False


def alignment(case: Case) -> Iterator[Line]:
    """A line for each domain that mail comes from."""
    settings = case.settings
    addresses = [*settings.sender_addresses, *(mailbox.address for mailbox in settings.mailboxes)]
    for host in dict.fromkeys(address.rpartition("@")[2].lower() for address in addresses):
        asked = asked_of(host, case.look_up) if case.look_up else Asked(policy=None)
        yield judged(host, vouching(case, host), asked)


def vouching(case: Case, host: str) -> Vouching:
    """As SES says; before there is an identity, as it will be once all records are there."""
    domain = nearest(case.settings.domains, host)
    if domain is None:
        return Vouching(dkim="", spf="")
    said = case.identity(domain.name)
    if said is None:
        return Vouching(dkim=domain.name, spf=domain.mail_from_domain, planned=True)
    dkim, mail_from = said.get("DkimAttributes", {}), said.get("MailFromAttributes", {})
    signed = dkim.get("SigningEnabled") and dkim.get("Status") == SUCCESS
    own = mail_from.get("MailFromDomainStatus") == SUCCESS
    return Vouching(dkim=domain.name if signed else "", spf=mail_from.get("MailFromDomain", "") if own else "")


def asked_of(host: str, look_up: LookUp) -> Asked:
    answer = look_up(f"_dmarc.{host}", "TXT")
    found = records_of(answer)
    if len(found) == 1:
        return Asked(text=found[0], policy=read(found[0]).policy)
    above = None if answer.failed else inherited(host, look_up)
    if answer.failed or (above and above.failure):
        return Asked(policy=None)
    return Asked(text=above.policy.text, policy=above.policy.policy) if above and above.policy else Asked()


def judged(host: str, by: Vouching, asked: Asked) -> Line:
    dkim, spf = aligned(host, by.dkim, strict=asked.strict("adkim")), aligned(host, by.spf, strict=asked.strict("aspf"))
    planned = ", once all is there" if by.planned else ""
    said = f"mail from {host}{planned}: DKIM is of {told(by.dkim, dkim)}, SPF of {told(by.spf, spf)}"
    if dkim and spf:
        return ok("alignment", f"{said}: DMARC passes by both")
    mend = "the lines `dkim` and `mail-from` say what is missing; docs/doctor.md#alignment"
    if dkim or spf:
        return warning("alignment", f"{said}: DMARC rests on {'DKIM' if dkim else 'SPF'} alone", mend)
    if asked.policy is None:
        return warning("alignment", f"{said}: DMARC fails, and nobody knows what {host} asks for", mend)
    if asked.policy == "none":
        return warning("alignment", f"{said}: DMARC fails, and {host} asks for nothing (p=none)", mend)
    return error("alignment", f"{said}: DMARC fails, and {host} asks receivers for p={asked.policy}", mend)


def aligned(host: str, vouching: str, *, strict: bool) -> bool:
    """Our domains are that of From, above it or below it: relaxed, they belong to one organization."""
    return vouching == host if strict else bool(vouching)


def told(vouching: str, holds: bool) -> str:  # noqa: FBT001 - the fact is what it is about
    return f"{vouching or 'amazonses.com'} ({'aligned' if holds else 'not aligned'})"
