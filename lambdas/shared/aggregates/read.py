"""The aggregate reports in a mail. Pure but for the time, which is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.shared.aggregates import dmarc, limits, tls, unpack
from lambdas.shared.aggregates.report import NoAggregate, NoReport, NotOurs, TooLarge
from lambdas.shared.outbox.senders import holder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from lambdas.shared.aggregates.report import Report
    from lambdas.shared.mail.mail import Mail

# Where a mail's own text is the report, it begins so: a text in HTML, or of braces, is none.
WRITTEN = (b"<?xml", b"<feedback", b"{")


@dataclass(frozen=True, kw_only=True)
class Found:
    """The reports that a mail brings, and why others in it are none, for an operator."""

    reports: tuple[Report, ...]
    faults: tuple[str, ...]


def read(mail: Mail, domains: Collection[str], now: datetime) -> Found:
    """Reports on these domains, or on what is below one. Never raises."""
    reports: list[Report] = []
    faults: list[NoAggregate] = []
    room = limits.UNPACKED
    files = [(filename, content) for filename, content in contents(mail) if unpack.may_be(content)]
    for filename, content in files[: limits.DOCUMENTS]:
        try:
            packed = unpack.documents(content, room)
            room -= sum(map(len, packed))
            for document in packed:
                reports += on(document, mail, domains, now)
        except NoAggregate as fault:
            faults.append(type(fault)(f"{filename}: {fault}" if filename else str(fault)))
    if len(files) > limits.DOCUMENTS:
        faults.append(TooLarge(f"{len(files)} files; the first {limits.DOCUMENTS} were read"))
    told = [fault for fault in faults if not (reports and isinstance(fault, NoReport))]
    return Found(reports=tuple(reports), faults=tuple(map(str, told)))


def contents(mail: Mail) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of what may be a report: the files, or where there are none the mail's own text."""
    for file in mail.attachments:
        yield file.filename, file.content
    text = (mail.text or "").strip().encode("utf-8", "replace")
    if not mail.attachments and text.startswith(WRITTEN):
        yield "", text


def on(document: bytes, mail: Mail, domains: Collection[str], now: datetime) -> list[Report]:
    """The reports in a document. NoAggregate."""
    found: list[Report] = []
    if is_json(document):
        found += tls.read(document, mail.header("TLS-Report-Domain") or "", now)
    else:
        found.append(dmarc.read(document, now))
    ours = [report for report in found if holder(domains, report.domain)]
    if not ours:
        about = ", ".join(report.domain[:100] for report in found[:3])
        raise NotOurs(f"it is about {about}, which is no domain of this stage")
    return ours


def is_json(document: bytes) -> bool:
    return b"{" in document[:100] and b"<" not in document[:100].partition(b"{")[0]
