"""One SPF record taken apart (RFC 7208 sections 4.6.1, 5 and 6). Anybody may have written it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

VERSION = re.compile(r"(?i)v=spf1(?: |$)")
MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
MECHANISM = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9_.-]*)(?::(.*?))?((?:/\d+)?(?://\d+)?)", re.DOTALL)
NETWORK = re.compile(r"([+?~-]?)(ip4|ip6):(.*)", re.DOTALL | re.IGNORECASE)
# Either or both of /0../32 and //0../128 (RFC 7208 section 5.6).
LENGTHS = re.compile(r"(?:/(?:\d|[12]\d|3[0-2]))?(?://(?:\d\d?|1[01]\d|12[0-8]))?")
# Visible characters, a percent sign only in a macro (RFC 7208 section 7.1).
DOMAIN_SPEC = re.compile(r"(?:[!-$&-~]|%%|%_|%-|%\{[A-Za-z]\d*r?[.\-+,/_=]*\})+")


@dataclass(frozen=True, kw_only=True)
class Directive:
    """`domain` is what the mechanism names, macros and all; "" is the domain whose record it is."""

    qualifier: str
    mechanism: str
    domain: str

    @property
    def has_macro(self) -> bool:
        """What it asks for depends on who sends."""
        return "%" in self.domain


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a check of the record comes across: nothing behind `all`, and `redirect` only where there is no `all`
    (RFC 7208 sections 5.1 and 6.1). Each fault makes the whole record void: permerror (section 4.6)."""

    directives: tuple[Directive, ...]
    redirect: str | None
    faults: tuple[str, ...]


def is_spf(text: str) -> bool:
    """RFC 7208 section 4.5."""
    return bool(VERSION.match(text))


def terms(record: str) -> Terms:
    written = [term for term in record.split(" ")[1:] if term]
    modifiers = [(match[1].lower(), match[2]) for term in written if (match := MODIFIER.fullmatch(term))]
    read = {term: mechanism(term) for term in written if not MODIFIER.fullmatch(term)}
    directives = [directive for term in written if (directive := read.get(term))]
    ends = [at for at, directive in enumerate(directives, start=1) if directive.mechanism == "all"]
    redirects = [value for name, value in modifiers if name == "redirect"]
    return Terms(
        directives=tuple(directives[: ends[0]] if ends else directives),
        redirect=redirects[0] if redirects and not ends else None,
        faults=(*(f"{term} is no term of SPF" for term, it in read.items() if not it), *faults_of(modifiers)),
    )


def faults_of(modifiers: list[tuple[str, str]]) -> list[str]:
    """Modifiers of other names are for others (RFC 7208 section 6)."""
    known = [(name, value) for name, value in modifiers if name in ("redirect", "exp")]
    names = [name for name, _ in known]
    faults = [f"{name}={value} names no domain" for name, value in known if not DOMAIN_SPEC.fullmatch(value)]
    return faults + [f"{name}= is there twice" for name in dict.fromkeys(names) if names.count(name) > 1]


def mechanism(term: str) -> Directive | None:
    """None if it is not written as RFC 7208 section 5 says."""
    if network := NETWORK.fullmatch(term):
        qualifier, name, value = network[1], network[2].lower(), network[3]
        return Directive(qualifier=qualifier or "+", mechanism=name, domain="") if NETWORKS[name](value) else None
    match = MECHANISM.fullmatch(term)
    if not match:
        return None
    qualifier, name, domain, lengths = match[1], match[2].lower(), match[3], match[4]
    rule = RULES.get(name)
    if not rule or not rule(domain, lengths) or not (domain is None or DOMAIN_SPEC.fullmatch(domain)):
        return None
    return Directive(qualifier=qualifier or "+", mechanism=name, domain=domain or "")


def is_network(kind: type[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        try:
            kind(value, strict=False)
        except ValueError:
            return False
        return "%" not in value  # which ipaddress takes for a scope

    return check


NETWORKS = {"ip4": is_network(ipaddress.IPv4Network), "ip6": is_network(ipaddress.IPv6Network)}
RULES: dict[str, Callable[[str | None, str], bool]] = {
    "all": lambda domain, lengths: domain is None and not lengths,
    "include": lambda domain, lengths: domain is not None and not lengths,
    "exists": lambda domain, lengths: domain is not None and not lengths,
    "ptr": lambda _, lengths: not lengths,
    "a": lambda _, lengths: bool(LENGTHS.fullmatch(lengths)),
    "mx": lambda _, lengths: bool(LENGTHS.fullmatch(lengths)),
}
