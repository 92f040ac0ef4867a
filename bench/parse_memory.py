"""What parsing one mail takes, in a process of its own: `python -m bench.parse_memory FILE`.

It prints {"bytes": the most memory, "seconds": processor time}. The memory is Linux's own count (VmHWM, proc(5));
ru_maxrss would start with what the parent process had.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from pathlib import Path

from lambdas.shared.mail.parse import parse

FUNCTION = 512 * 1024 * 1024  # the inbound function's memory; here for all that the process maps, which is more


def main(file: str) -> dict[str, float]:
    """`bytes` are beyond what Python and the parser take, the mail itself included."""
    resource.setrlimit(resource.RLIMIT_AS, (FUNCTION, FUNCTION))
    before, begun = status("VmRSS"), time.process_time()
    mail = parse(Path(file).read_bytes())
    seconds = time.process_time() - begun
    assert mail.kind
    return {"bytes": status("VmHWM") - before, "seconds": seconds}


def status(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit("Memory is measured on Linux only: there is no such line in /proc/self/status.")
    return int(found[1]) * 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1])))
