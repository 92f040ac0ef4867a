"""MiniStack 1.5.33 ends all processes of a function when one of them dies while it starts; on Lambda, as here, that is
the end of this one alone."""

import time
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-untyped]  # MiniStack ships no types


def install() -> None:
    invoke = lambda_runtime.Worker.invoke

    def invoked(worker: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return invoke(worker, *arguments, **named)
        except (OSError, RuntimeError) as error:  # what starting raises: the pipe to it broke, or it said nothing
            process, worker._proc = worker._proc, None  # noqa: SLF001 (no public hook; so below)
            lambda_runtime._signal(process)  # noqa: SLF001
            lambda_runtime._collect(process, time.monotonic() + lambda_runtime._REAP_GRACE)  # noqa: SLF001
            return {"status": "error", "error": str(error), "log": ""}

    lambda_runtime.Worker.invoke = invoked
