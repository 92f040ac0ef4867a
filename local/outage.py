"""A region that is down: nobody gets an answer there (local/gateway.py), and no queue or stream feeds a function there.
What its queues hold stays in them until it is up again."""

from collections.abc import Callable, Iterator, Set
from typing import Any

from ministack.services import lambda_svc  # type: ignore[import-untyped]  # MiniStack ships no types


def install(down: Set[str]) -> None:
    """`down` has the names of the regions that are, at any time."""
    every: Callable[[], Iterator[tuple[str, str, Any]]] = lambda_svc._iter_all_esms  # noqa: SLF001 (no public hook)

    def up() -> Iterator[tuple[str, str, Any]]:
        return (found for found in every() if found[1] not in down)

    lambda_svc._iter_all_esms = up  # noqa: SLF001 (no public hook)
