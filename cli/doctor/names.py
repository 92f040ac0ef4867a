"""Who is asked about the DNS, or why nobody is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.deployment import CommandFailed
from cli.dns.judge import questions
from cli.dns.look_up import VARIABLE, LookUps, resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cli.dns.answer import LookUp
    from infra.records import Record

ON_LAPTOP = "on this laptop nothing depends on the DNS"


@dataclass(frozen=True, kw_only=True)
class Names:
    """Without `look_up` nobody is asked, and `why` tells. `ahead` asks for all that will be looked up of some records
    at once, so that a slow server does not add up."""

    look_up: LookUp | None
    ahead: Callable[[Iterable[Record]], None] = lambda _: None
    why: str = ""


def names(*, laptop: bool) -> Names:
    if laptop and VARIABLE not in os.environ:
        return Names(look_up=None, why=ON_LAPTOP)
    try:
        look_ups = LookUps(resolver())
    except CommandFailed as none:
        return Names(look_up=None, why=none.message)
    return Names(look_up=look_ups, ahead=lambda records: look_ups.ahead(questions(records)))
