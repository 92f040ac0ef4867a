"""TXT records: SPF, DMARC, DKIM's own keys, MTA-STS and TLS reporting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.dns import dmarc as policies
from cli.dns import spf as senders
from cli.dns.finding import CONFLICTING, MISSING, PRESENT, UNKNOWN, WRONG, Verdict, plain, several
from cli.dns.tags import begins_with, tags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.dns.answer import Answer, LookUp
    from infra.records import Record

SES = "amazonses.com"
ADD = Verdict(state=MISSING, said="Add it.")
FOREIGN = Verdict(state=MISSING, said="What is there is none of it, and no harm (a wildcard, perhaps): add it.")
STS, TLS_RPT = begins_with("STSv1"), begins_with("TLSRPTv1")


def none_of_it(answer: Answer) -> Verdict:
    return FOREIGN if answer.values else ADD


def spf(record: Record, answer: Answer, look_up: LookUp) -> Verdict:
    """Of the MAIL FROM domain: one record, by which SES's servers pass."""
    found = senders.records_of(answer)
    if not found:
        return none_of_it(answer)
    if len(found) > 1:
        said = f"{len(found)} SPF records make receivers take none (permerror, RFC 7208 section 4.5)"
        return Verdict(state=CONFLICTING, said=f"{said}: keep one.")
    walk = senders.walk(record.name, found[0], look_up)
    if walk.over:
        return Verdict(state=CONFLICTING, said=f"It {walk.over}: SPF fails for all (permerror). Take includes out.")
    if walk.faults:
        return Verdict(state=WRONG, said=f"Receivers take none of it (permerror): {several(walk.faults)}.")
    if SES in walk.passes:
        return _passing(walk)
    if walk.unasked:
        return Verdict(state=UNKNOWN, said=f"Nobody knows what it includes: {several(walk.unasked)}.")
    return Verdict(state=WRONG, said=f"It lacks include:{SES}, by which SES's servers pass.")


def _passing(walk: senders.Walk) -> Verdict:
    uncounted = f"What it includes could not be counted: {several(walk.unasked)}." if walk.unasked else ""
    return Verdict(state=PRESENT, said=uncounted)


def dmarc(record: Record, answer: Answer, look_up: LookUp) -> Verdict:
    """Ours is satisfied by a stricter policy, at the name itself or inherited from the organizational domain."""
    ours = policies.read(plain(record))
    texts = policies.records_of(answer)
    if len(texts) > 1:
        said = f"{len(texts)} DMARC records make receivers take none (RFC 9989 section 4.10)"
        return Verdict(state=CONFLICTING, said=f"{said}: keep one.")
    if not texts:
        return _without_own(record, answer, look_up)
    found = policies.read(texts[0])
    if short := policies.lacks(found, ours):
        return Verdict(state=WRONG, said=f"Change it: {several(short)}.", should_be=policies.merged(found, ours))
    return Verdict(state=PRESENT, said=_stricter(found, ours), should_be=found.text)


def _stricter(found: policies.Policy, ours: policies.Policy) -> str:
    if found.strength == ours.strength:
        return ""
    return f"p={found.policy} there is stricter than the p={ours.policy} of cdk.json, and is what holds."


def _without_own(record: Record, answer: Answer, look_up: LookUp) -> Verdict:
    ours, above = policies.read(plain(record)), policies.inherited(record.domain, look_up)
    if above is None:
        return none_of_it(answer)
    if above.policy is None:
        said = f"It is not there, and nobody knows whether {above.domain} has one that holds here: {above.failure}."
        return Verdict(state=UNKNOWN, said=said)
    holds = f"{above.domain} has one that holds here too, p={above.policy.policy}"
    own = policies.merged(policies.as_own(above.policy), ours)
    if short := policies.lacks(above.policy, ours):
        return Verdict(state=MISSING, said=f"{holds}, but {several(short)}: add one here.", should_be=own)
    return Verdict(state=PRESENT, said=f"{holds}. Without a record of its own nothing is missing.", should_be=own)


def authorization(_: Record, answer: Answer, __: LookUp) -> Verdict:
    """One record is enough, and others do no harm (RFC 9990 section 4)."""
    return Verdict(state=PRESENT) if policies.records_of(answer) else none_of_it(answer)


def dkim_key(record: Record, answer: Answer, _: LookUp) -> Verdict:
    """A key of our own, whose public half is in `p=`."""
    if not answer.values:
        return ADD
    if len(answer.values) > 1:
        said = "Receivers may take either, or none (RFC 6376 section 3.6.2.2): keep ours."
        return Verdict(state=CONFLICTING, said=said)
    found, ours = (_key(text) for text in (answer.values[0], plain(record)))
    if found == ours:
        return Verdict(state=PRESENT)
    return Verdict(state=WRONG, said="It revokes the key." if found == "" else "It holds another key than the stage's.")


def _key(text: str) -> str | None:
    """RFC 6376 section 3.6.1: blanks are no part of it, and an empty one is revoked."""
    key = tags(text).get("p")
    return None if key is None else "".join(key.split())


def mta_sts(record: Record, answer: Answer, _: LookUp) -> Verdict:
    """RFC 8461 section 3.1: another id is that of another policy file."""
    texts = [text for text in answer.values if STS.match(text)]
    ours = tags(plain(record)).get("id")
    if len(texts) == 1 and tags(texts[0]).get("id") != ours:
        said = "Its id tells senders which policy they have: once the new one is served, put ours in its place."
        return Verdict(state=WRONG, said=said)
    return _only(texts, answer, "RFC 8461 section 3.1")


def tls_rpt(record: Record, answer: Answer, _: LookUp) -> Verdict:
    texts = [text for text in answer.values if TLS_RPT.match(text)]
    if len(texts) == 1:
        there, ours = (policies.read(text).reports for text in (texts[0], plain(record)))
        if lacking := [report for report in ours if report not in there]:
            both = ",".join([tags(texts[0]).get("rua", ""), *(f"mailto:{report}" for report in lacking)]).strip(",")
            said = f"Reports do not go to {', '.join(lacking)}."
            return Verdict(state=WRONG, said=said, should_be=f"v=TLSRPTv1; rua={both}")
    return _only(texts, answer, "RFC 8460 section 3")


def _only(texts: Sequence[str], answer: Answer, source: str) -> Verdict:
    if len(texts) > 1:
        return Verdict(state=CONFLICTING, said=f"Senders take none of {len(texts)} ({source}): keep one.")
    return Verdict(state=PRESENT) if texts else none_of_it(answer)
