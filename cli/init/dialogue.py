"""Questions to a person; where everything needed was given by options, none is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

NONE = "-"  # the answer that leaves out what can be


@dataclass(frozen=True, kw_only=True)
class Dialogue:
    asks: bool

    def value(
        self, question: str, *, option: str, given: str | None, default: str | None, fault: Callable[[str], str]
    ) -> str:
        """What was given by the option, else the answer, else the default. `fault` says what is wrong with a value: an
        option is refused with it, and an answer asked for again."""
        if given is not None:
            if said := fault(given):
                raise click.BadParameter(said, param_hint=option)
            return given
        if not self.asks:
            if default is None:
                raise click.UsageError(f"{option} is missing.")
            return default
        while said := fault(answer := click.prompt(question, default=default).strip()):
            self.say(said)
        return answer

    def sure(self, question: str, *, default: bool) -> bool:
        """Whether a person says yes; what is not asked is the default."""
        return click.confirm(question, default=default) if self.asks else default

    def say(self, sentence: str) -> None:
        if self.asks:
            click.echo(sentence)
