"""Where the published descriptions of the APIs are.

They are not part of this repository: CONTRACTS names their folder, else it is ../shared/contracts beside the project.
Without them a stand-in works as well, and checks only what it reads itself.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.standins.contract import Contract

BESIDE = Path(__file__).parents[2].parent / "shared" / "contracts"


def description(name: str) -> Path | None:
    """The file that describes this API, if there is one."""
    file = Path(os.environ.get("CONTRACTS", BESIDE)) / f"{name}.openapi.json"
    return file if file.is_file() else None


@cache
def contract(name: str) -> Contract | None:
    """The library that reads one is imported where there is one to read: it is for development, and takes seconds."""
    if file := description(name):
        from local.standins.contract import Contract

        return Contract(file)
    return None
