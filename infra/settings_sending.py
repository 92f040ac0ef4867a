"""The setting `sending`: how fast, with whose files, and how proofs of an address (links, codes) are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

BUCKET = re.compile(r"(?!xn--|sthree-)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")  # S3 User Guide, bucket naming rules
SENDS_A_WORKER = 10  # mails a second that one execution of the send function manages with some ease


@dataclass(frozen=True, kw_only=True)
class Sending:
    """`per_second` should be the account's MaxSendRate, of which a new production account has 14. `a_day` are the mails
    that are expected; nothing depends on it but what `mailroom doctor` says of quotas and prices."""

    per_second: float = 14
    a_day: int | None = None
    attachment_buckets: tuple[str, ...] = ()
    return_urls: tuple[str, ...] = ()
    code_digits: int = 6
    code_minutes: int = 10
    again_seconds: int = 60
    an_hour: int = 5
    source_an_hour: int = 20

    @property
    def workers(self) -> int:
        """Executions of the send function at a time; 2 is the least that Lambda lets a queue be limited to."""
        return max(2, -(-int(self.per_second) // SENDS_A_WORKER))

    @property
    def token_policy(self) -> dict[str, Any]:
        """What lambdas/shared/tokens/wiring.py reads."""
        names = ("return_urls", "code_digits", "code_minutes", "again_seconds", "an_hour", "source_an_hour")
        return {name: getattr(self, name) for name in names}


def sending(value: object) -> Sending:
    if not isinstance(value, dict) or value.keys() - READERS.keys():
        raise ValueError(f"must be an object of {', '.join(READERS)}; it is {value!r}")
    try:
        return Sending(**{key: READERS[key](given) for key, given in value.items()})
    except ValueError as fault:
        raise ValueError(f"its {fault}") from None


def _number(name: str, least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"`{name}` must be a whole number from {least} to {most}; it is {value!r}")
        return value

    return read


def _list(name: str, kind: str, fits: Callable[[str], bool]) -> Callable[[object], tuple[str, ...]]:
    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) and fits(item) for item in value):
            raise ValueError(f"`{name}` must be a list of {kind}; it is {value!r}")
        return tuple(value)

    return read


def _is_bucket(name: str) -> bool:
    return bool(BUCKET.fullmatch(name))


def _is_return_url(text: str) -> bool:
    url = urlsplit(text)
    own_machine = url.scheme == "http" and url.hostname == "localhost"
    plain = not (url.query or url.fragment or url.username or url.password)
    return bool(url.netloc) and plain and (url.scheme == "https" or own_machine)


READERS: dict[str, Callable[[object], Any]] = {
    "per_second": _number("per_second", 1, 5000),
    "a_day": _number("a_day", 1, 1_000_000_000),
    "attachment_buckets": _list("attachment_buckets", "names of S3 buckets", _is_bucket),
    "return_urls": _list("return_urls", "https:// addresses (or http://localhost) without ? and #", _is_return_url),
    "code_digits": _number("code_digits", 6, 12),
    "code_minutes": _number("code_minutes", 1, 60),
    "again_seconds": _number("again_seconds", 0, 3600),
    "an_hour": _number("an_hour", 1, 100),
    "source_an_hour": _number("source_an_hour", 1, 10_000),
}
