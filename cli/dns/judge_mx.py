"""MX records: of the MAIL FROM domain, to which bounces come, and of a domain that receives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.dns.finding import CONFLICTING, MISSING, PRESENT, WRONG, Verdict, plain

if TYPE_CHECKING:
    from cli.dns.answer import Answer, LookUp
    from infra.records import Record

# Where SES takes mail in, and bounces: of other regions too.
OF_SES = (".amazonses.com", ".amazonaws.com")


def bounces(record: Record, answer: Answer, _: LookUp) -> Verdict:
    """SES demands exactly one (developer guide, mail-from). Without it, SES sends from a domain of its own, and SPF is
    not aligned."""
    more = "SES takes the MAIL FROM domain only with exactly this one MX. Remove the others"
    return _weighed(record, _hosts(answer), f"{more}, or choose another `mail_from` in cdk.json.")


def inbound(record: Record, answer: Answer, _: LookUp) -> Verdict:
    more = "Mail goes to the server with the least number, and to others when that one does not answer"
    mend = "remove the others if nobody has a mailbox there, or receive at a sub-domain of its own"
    return _weighed(record, list(dict.fromkeys(_hosts(answer))), f"{more}: {mend}.")


def _hosts(answer: Answer) -> list[str]:
    return [value.partition(" ")[2] for value in answer.values]


def _weighed(record: Record, hosts: list[str], more: str) -> Verdict:
    """With one MX its preference makes no difference."""
    ours = plain(record).partition(" ")[2]
    if not hosts:
        return Verdict(state=MISSING, said="Add it.")
    if hosts == [ours]:
        return Verdict(state=PRESENT)
    if hosts == ["."]:
        return Verdict(state=WRONG, said="The MX there says that no mail is taken (RFC 7505): put ours in its place.")
    if len(hosts) == 1 and hosts[0].endswith(OF_SES):
        return Verdict(state=WRONG, said="That is SES elsewhere, or for another purpose: put ours in its place.")
    return Verdict(state=CONFLICTING, said=more)
