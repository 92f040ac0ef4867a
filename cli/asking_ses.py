"""What a command that asks for SES's own list says where SES does not answer it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from cli.deployment import CommandFailed
from lambdas.suppression.ses_list import BadToken, Throttled

P = ParamSpec("P")


def asks_ses(command: Callable[P, None]) -> Callable[P, None]:
    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (BadToken, Throttled):
            raise CommandFailed("SES takes no more requests for now: say it again later.") from None

    return run
