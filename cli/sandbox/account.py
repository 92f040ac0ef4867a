"""Gives a command the account of a stage, deployed or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import click

from cli.deployment import explained
from cli.doctor.sign_in import place
from cli.settings import in_chosen_region

if TYPE_CHECKING:
    from cli.deployment import Deployment
    from infra.settings import Settings

P = ParamSpec("P")


@dataclass(frozen=True, kw_only=True)
class Account:
    """`there` has no stacks."""

    settings: Settings
    there: Deployment


def on_account(command: Callable[Concatenate[Account, P], None]) -> Callable[P, None]:
    """Explains what AWS has against it."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        stage: str = click.get_current_context().obj
        settings = in_chosen_region(stage)
        with explained(stage):
            there = place(settings)
        with explained(stage, there.running):
            command(Account(settings=settings, there=there), *args, **kwargs)

    return run
