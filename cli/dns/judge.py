"""Compares what the DNS says with the records that are wanted, by what they mean and not by how they are written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cli.dns.finding import CONFLICTING, MISSING, PRESENT, UNKNOWN, WRONG, Finding, Verdict, plain
from cli.dns.judge_mx import bounces, inbound
from cli.dns.judge_txt import authorization, dkim_key, dmarc, mta_sts, spf, tls_rpt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cli.dns.answer import Answer, LookUp
    from infra.records import Record

# What may stand at a name where a CNAME is to be.
OTHERS = ("A", "AAAA", "MX", "TXT")
ALONE = "a CNAME stands alone at its name (RFC 1034 section 3.6.2)"
FLATTENED = "If the CNAME is there, your DNS provider hides it behind addresses (a proxy, flattening): switch that off."
WILDCARD = (
    "What is there is a wildcard's, which no longer answers for the name once it has a record of its own: add it."
)
BY_PURPOSE: dict[str, Callable[[Record, Answer, LookUp], Verdict]] = {
    "dkim": dkim_key,
    "mail_from_mx": bounces,
    "mail_from_spf": spf,
    "dmarc": dmarc,
    "inbound_mx": inbound,
    "report_authorization": authorization,
    "tls_rpt": tls_rpt,
    "mta_sts": mta_sts,
}


def judge(records: Iterable[Record], look_up: LookUp) -> list[Finding]:
    """One finding for each record, in their order."""
    return [judged(record, look_up) for record in records]


def questions(records: Iterable[Record]) -> Iterator[tuple[str, str]]:
    """What `judge` will look up of the records themselves, so that it can be asked for at once."""
    for record in records:
        yield from ((record.name, kind) for kind in (record.type, "CNAME", *(OTHERS if record.type == "CNAME" else ())))


def judged(record: Record, look_up: LookUp) -> Finding:
    answer, value = look_up(record.name, record.type), plain(record)
    if answer.failed:
        return Finding(record=record, state=UNKNOWN, said=f"Nobody knows: {answer.failure}.", should_be=value)
    others = others_of(record.name, look_up) if record.type == "CNAME" else ()
    verdict = cname(value, answer, others) if record.type == "CNAME" else by_purpose(record, answer, look_up)
    there = found_at(record.name, record.type, look_up)
    if verdict.state in (WRONG, CONFLICTING) and there == found_at(beside(record.name), record.type, look_up):
        verdict = replace(verdict, state=MISSING, said=WILDCARD)
    return Finding(
        record=record,
        state=verdict.state,
        found=there,
        said=verdict.said,
        should_be=verdict.should_be or value,
        ttl=answer.ttl,
    )


def found_at(name: str, type: str, look_up: LookUp) -> tuple[str, ...]:
    answer, others = look_up(name, type), others_of(name, look_up) if type == "CNAME" else ()
    return (*answer.values, *others, *([f"CNAME {answer.alias}"] if answer.alias else []))


def beside(name: str) -> str:
    """A name that nobody has: what is there all the same is a wildcard's (RFC 4592)."""
    return f"mailroom-looks-for-wildcards.{name.partition('.')[2]}"


def by_purpose(record: Record, answer: Answer, look_up: LookUp) -> Verdict:
    """Where a CNAME is: what it leads to is as good as a record of the name's own, if it is what is wanted."""
    verdict = BY_PURPOSE[record.purpose](record, answer, look_up)
    also = look_up(record.name, "CNAME").values
    if also and answer.values and not answer.alias:
        said = f"Remove the CNAME to {also[0]}, or the {record.type}: {ALONE}"
        return replace(verdict, state=CONFLICTING, said=f"{said}, and resolvers see now this, now that.")
    if answer.alias and verdict.state in (MISSING, WRONG):
        there = f"The name is a CNAME to {answer.alias}, and {ALONE}. Give that name the value, or put the record"
        return replace(verdict, state=CONFLICTING, said=f"{there} in the place of the CNAME.")
    return verdict


def cname(target: str, answer: Answer, others: tuple[str, ...]) -> Verdict:
    if others:
        said = f"Remove what else is there: {ALONE}."
        return Verdict(state=CONFLICTING, said=said if answer.values else f"{said} {FLATTENED}")
    if not answer.values:
        return Verdict(state=MISSING, said="Add it.")
    if answer.values == (target,):
        return Verdict(state=PRESENT)
    return Verdict(state=WRONG, said="Let it lead to the name wanted.")


def others_of(name: str, look_up: LookUp) -> tuple[str, ...]:
    """The name's own records beside a CNAME, or in its place; those that are reached over one are not its own."""
    answers = {kind: look_up(name, kind) for kind in OTHERS}
    return tuple(f"{kind} {value}" for kind, answer in answers.items() if not answer.alias for value in answer.values)
