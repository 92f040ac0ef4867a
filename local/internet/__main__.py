"""The process that the stand-ins are in, so that what they do takes no time from the embedded AWS.

`python -m local.internet FOLDER` writes internet.json and internet.pem there, for functions, then a line of JSON with
each stand-in's address for people; it ends when its standard input does. local/internet/start.py starts it.
"""

from __future__ import annotations

import json
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from local.certificates import Authority
from local.internet.names import SITES
from local.internet.start import AUTHORITY, NAMES
from local.standins.server import listening, running

if TYPE_CHECKING:
    from local.internet.names import Site


def main(folder: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for whoever started it
    authority = Authority("Mailroom's embedded internet")
    (folder / AUTHORITY).write_text(authority.pem)
    with ExitStack() as until_the_end:
        served = {site: serve(site, authority, until_the_end) for site in SITES}
        names = {site.name: (site.address, port) for site, (_name, port, _base) in served.items()}
        (folder / NAMES).write_text(json.dumps(names))
        sys.stdout.write(json.dumps({name: base for name, _port, base in served.values()}) + "\n")
        sys.stdout.flush()
        sys.stdin.buffer.read()


def serve(site: Site, authority: Authority, until: ExitStack) -> tuple[str, int, str]:
    """The stand-in's name, the port where it speaks TLS, and its address for people."""
    standin = site.make()
    here = until.enter_context(running(standin))
    standin.base = f"https://{site.name}"
    return standin.name, until.enter_context(listening(standin, tls=authority.context(site.name))), here


if __name__ == "__main__":
    main(Path(sys.argv[1]))
