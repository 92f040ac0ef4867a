"""What it costs to read large DMARC reports, honest ones and such as are made to cost: `make bench-aggregates`.

Each is read in a process of its own. The processor's seconds are those of reading; megabytes are what the process had
at its most, beyond what it had with the document in hand.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.parse_memory import status
from cli.output import show, table
from lambdas.shared.aggregates import dmarc, limits
from lambdas.shared.aggregates.report import NoAggregate
from lambdas.shared.aggregates.table import pack

if TYPE_CHECKING:
    from collections.abc import Callable

HONEST = Path(__file__).parent.parent / "tests" / "reports" / "google.xml"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SIZE = limits.UNPACKED - 1_000


def many(records: int) -> bytes:
    """Google's report with so many records, each of another address."""
    written, dice = HONEST.read_text(encoding="utf-8"), random.Random(1)
    start = written.index("  <record>")
    end = written.index("  <record>", start + 1)
    record = written[start:end].replace("<count>412", "<count>{count}").replace("54.240.8.12", "{address}")
    made = (
        record.format(count=dice.randrange(1, 5_000), address=".".join(str(dice.randrange(1, 250)) for _ in range(4)))
        for _ in range(records)
    )
    return (written[:start] + "".join(made) + "</feedback>").encode()


def filled(piece: bytes) -> bytes:
    """As many of a piece as a document may have."""
    return b"<feedback>" + piece * (SIZE // len(piece)) + b"</feedback>"


def bare(records: int) -> bytes:
    """No more than counts, so that there are the most of them."""
    about = (
        b"<feedback><policy_published><domain>acme.test</domain></policy_published>"
        b"<report_metadata><date_range><begin>1795132800</begin></date_range></report_metadata>"
    )
    row = b"<record><row><count>1</count><source_ip>10.%d.%d.%d</source_ip></row></record>"
    rows = (row % (number >> 16, number >> 8 & 255, number & 255) for number in range(records))
    return about + b"".join(rows) + b"</feedback>"


DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "20,000 records, as Google writes them": lambda: many(20_000),
    "120,000 of the shortest records": lambda: bare(120_000),
    "20 MB of &": lambda: filled(b"&"),
    "20 MB of <a@b>": lambda: filled(b"<a@b>"),
    "20 MB of control characters": lambda: filled(b"\x01"),
    "20 MB of <": lambda: filled(b"<"),
    "20 MB of broken UTF-8": lambda: filled(b"\xe4\xb8"),
    "500,000 elements": lambda: filled(b"<a></a>" + b" " * 33),
}


@click.command()
@click.option("--read", "file", type=click.Path(path_type=Path), hidden=True, help="Read this document here.")
def main(file: Path | None) -> None:
    """Read each, and print a table."""
    if file:
        print(json.dumps(read(file.read_bytes())))
        return
    headings = ("a document", "MB", "seconds", "MB of memory", "what came of it")
    show(table(headings, [(name, *measured(make())) for name, make in DOCUMENTS.items()], whole=headings[:1]))


def measured(document: bytes) -> tuple[str, ...]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(document)
        file.flush()
        command = [sys.executable, "-m", "bench.aggregates", "--read", file.name]
        told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return tuple(told)


def read(document: bytes) -> tuple[str, ...]:
    before, begun = status("VmRSS"), time.process_time()
    try:
        rows = dmarc.read(document, NOW).rows
        came = f"{len(rows):,} rows, {len(pack(rows)) / 1000:.0f} KB in the table"
    except NoAggregate as fault:
        came = str(fault)
    seconds, memory = time.process_time() - begun, status("VmHWM") - before
    return f"{len(document) / 1e6:.1f}", f"{seconds:.1f}", f"{memory / 1e6:.0f}", came


if __name__ == "__main__":
    main()
