"""What a queue's function does is seen a little later."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Found = TypeVar("Found")
SECONDS, PAUSE = 15, 0.3


def seen(look: Callable[[], Found | None], seconds: float | None = None) -> Found | None:
    """What `look` gives once it gives something; None after `seconds`, or SECONDS."""
    deadline = time.monotonic() + (SECONDS if seconds is None else seconds)
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(PAUSE)
    return found or None
