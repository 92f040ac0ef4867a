"""How texts are read from JSON: one line, one that fits a pattern, a domain, an address, a sender; how true and false
are; and how a fault within an object is told.

Each gives the value, or a ValueError that says what it must be.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?=.{{4,253}}$)(?:{LABEL}\.)+(?!\d+$){LABEL}")
# RFC 5322 dot-atom. ASCII, for SES has no SMTPUTF8 (developer guide, send-email-concepts-email-format).
LOCAL_PART = re.compile(r"(?=.{1,64}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def expected(kind: str, value: object) -> ValueError:
    return ValueError(f"must be {kind}; it is {value!r}")


def line(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise expected("a text of one line", value)
    return value.strip()


def switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise expected("true or false", value)
    return value


def matching(pattern: str, kind: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise expected(kind, value)
        return value

    return read


def domain_name(value: object) -> str:
    if not isinstance(value, str) or not DOMAIN.fullmatch(value.lower()):
        raise expected("a domain such as 'acme.com' (no scheme, no path; international names as xn--…)", value)
    return value.lower()


def address(value: object) -> str:
    local, _, domain = value.rpartition("@") if isinstance(value, str) else ("", "", "")
    if not LOCAL_PART.fullmatch(local) or not DOMAIN.fullmatch(domain.lower()):
        raise expected("an address such as 'support@acme.com'", value)
    return f"{local}@{domain.lower()}"


def sender(value: object) -> str:
    kind = "a sender such as 'Acme <hello@acme.com>' (a name with a comma in double quotes)"
    try:
        address(parseaddr(line(value))[1])
    except ValueError:
        raise expected(kind, value) from None
    return line(value)


def named(key: str, read: Callable[[object], Any]) -> Callable[[object], Any]:
    """The same reader; its faults name the key."""

    def within(value: object) -> Any:
        try:
            return read(value)
        except ValueError as fault:
            raise ValueError(f"`{key}` {fault}") from None

    return within
