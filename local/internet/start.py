"""Start the embedded internet beside the embedded AWS; it ends with the process that started it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NAMES, AUTHORITY = "internet.json", "internet.pem"
INSIDE = Path(__file__).with_name("inside.py")


@dataclass(frozen=True, kw_only=True)
class Internet:
    """Under way; `folder` gets its names, and what functions have to trust."""

    folder: Path
    process: subprocess.Popen[str]

    def standins(self) -> dict[str, str]:
        """Wait until all stand-ins are up; gives each one's address for people, by its name."""
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise RuntimeError("the embedded internet did not come up; what kept it is above")
        standins: dict[str, str] = json.loads(line)
        return standins

    def around(self, worker: list[str]) -> list[str]:
        """The arguments with which an interpreter runs this script within it."""
        return [str(INSIDE), str(self.folder / NAMES), *worker]

    @property
    def authority(self) -> Path:
        return self.folder / AUTHORITY


def start(folder: Path) -> Internet:
    command = [sys.executable, "-m", "local.internet", str(folder)]
    process = subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return Internet(folder=folder, process=process)
