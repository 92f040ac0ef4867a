"""What the DNS says to one question, apart from how it was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

FOUND, NO_ANSWER, NO_NAME = "found", "no answer", "no such name"
SERVFAIL, TIMEOUT, FAILED = "servfail", "timeout", "failed"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One of the outcomes above. Whoever owns the zone wrote `values` and `alias`: they may hold anything.

    `values` are in presentation form, names in small letters and without their last dot, texts joined and unquoted (RFC
    7208 section 3.3, RFC 6376 section 3.6.2.2). `alias` is the name that a CNAME at the name leads to, over which
    `values` were found. `ttl` is how many seconds resolvers may keep the answer, or keep that there is none. `failure`
    says what went wrong, for the outcomes that say nothing about the record.
    """

    outcome: str
    values: tuple[str, ...] = ()
    alias: str | None = None
    ttl: int | None = None
    failure: str = ""

    @property
    def failed(self) -> bool:
        """Nobody knows whether the record is there."""
        return self.outcome in (SERVFAIL, TIMEOUT, FAILED)


# Name and type, such as ("_dmarc.acme.com", "TXT").
LookUp = Callable[[str, str], Answer]
