"""The URL of a webhook, taken apart once so that everything after it agrees on what it says. Pure.

NotAnEndpoint    the message says what to change, and nothing of the URL, whose path or query may be a secret
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv6Address

HTTPS = 443
LONGEST, LONGEST_HOST = 2048, 253
CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")  # RFC 3986, section 2
# RFC 3986, section 3.2, taken apart here because urlsplit drops tabs, and reads brackets otherwise in each release.
PARTS = re.compile(r"([^/?]*)(/[^?]*)?(?:\?(.*))?")
AUTHORITY = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:]+))(?::([0-9]{1,5}))?")
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
NAME = re.compile(rf"{LABEL}(?:\.{LABEL})*")  # RFC 1123, section 2.1, and underscores, which names have


class NotAnEndpoint(ValueError):
    """The URL is none that a webhook may be sent to."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """`host` in lower case, an IPv6 address without its brackets; `target` is the path with the query."""

    host: str
    port: int
    target: str = field(repr=False)

    @property
    def name(self) -> str:
        """What the operator may be shown of it, and the Host header (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS else f"{host}:{self.port}"


def endpoint(url: str) -> Endpoint:
    """Where a webhook of this URL goes; NotAnEndpoint. Nothing is looked up: see pinned.py for what a host leads to."""
    if len(url) > LONGEST or not CHARACTERS.fullmatch(url):
        raise NotAnEndpoint(f"a URL has at most {LONGEST} ASCII characters; write other names as xn--, others as %XX")
    if not url.lower().startswith("https://"):
        raise NotAnEndpoint("a webhook's URL begins with https://")
    if "#" in url:
        raise NotAnEndpoint("a webhook's URL has no fragment (#): it would not be sent")
    parts = PARTS.fullmatch(url, len("https://"))
    authority, path, query = parts.groups() if parts else ("", None, None)
    if "@" in authority:
        raise NotAnEndpoint("a webhook's URL has no user and password: webhooks are signed")
    host, port = host_and_port(authority.lower())
    return Endpoint(host=host, port=port, target=(path or "/") + (f"?{query}" if query else ""))


def host_and_port(authority: str) -> tuple[str, int]:
    found = AUTHORITY.fullmatch(authority)
    address, name, port = found.groups() if found else (None, None, None)
    number = int(port or HTTPS)
    if not 0 < number < 2**16 or not (is_ipv6(address) if address else is_name(name or "")):
        raise NotAnEndpoint("the host or the port of the URL is none")
    return address or name or "", number


def is_name(text: str) -> bool:
    return len(text) <= LONGEST_HOST and bool(NAME.fullmatch(text))


def is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
