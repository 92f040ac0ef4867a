"""What to do next about DMARC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.dns.dmarc import read
from cli.dns.finding import PRESENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cli.dns.finding import Finding

NEXT = {"none": "quarantine", "quarantine": "reject"}


def advice(findings: Iterable[Finding]) -> Iterator[str]:
    """A sentence for each domain whose DMARC record is as the stage wants it and could ask for more."""
    for finding in findings:
        if finding.record.purpose == "dmarc" and finding.state == PRESENT:
            policy = read(finding.should_be).policy
            if policy in NEXT:
                yield (
                    f"{finding.record.domain} asks for p={policy}: once its DMARC reports show that all mail of your "
                    f"own passes, set its `dmarc` to {NEXT[policy]}."
                )
