"""Asking a resolver: the system's, or the one that MAILROOM_DNS names."""

from __future__ import annotations

import ipaddress
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from cli.deployment import CommandFailed
from cli.dns.answer import FAILED, FOUND, NO_ANSWER, NO_NAME, SERVFAIL, TIMEOUT, Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dns.message import QueryMessage

VARIABLE = "MAILROOM_DNS"
SECONDS_A_TRY, SECONDS_IN_ALL = 2.0, 5.0
AT_ONCE = 16
PORTS = range(1, 65536)
# What passes every network in one datagram (https://www.dnsflagday.net/2020/); longer answers come over TCP.
UDP_BYTES = 1232
NO_RESOLVER = f"This system names no DNS resolver: name one in {VARIABLE}, such as {VARIABLE}=9.9.9.9:53."
FAILURES = {
    SERVFAIL: "SERVFAIL: the name servers of the zone do not answer the resolver, or their DNSSEC is broken",
    TIMEOUT: "no answer in time",
}


class LookUps:
    """A LookUp that asks each question once."""

    def __init__(self, resolver: dns.resolver.Resolver) -> None:
        self._resolver = resolver
        self._known: dict[tuple[str, str], Answer] = {}

    def __call__(self, name: str, type: str) -> Answer:
        question = (name.lower(), type)
        if question not in self._known:
            self._known[question] = ask(self._resolver, *question)
        return self._known[question]

    def ahead(self, questions: Iterable[tuple[str, str]]) -> None:
        """Ask several at once, so that one slow server does not add up."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda question: self(*question), dict.fromkeys(questions)))

    @property
    def asked(self) -> str:
        """Who was asked."""
        port = "" if self._resolver.port == 53 else f" port {self._resolver.port}"
        return ", ".join(f"{server}{port}" for server in self._resolver.nameservers)


def resolver() -> dns.resolver.Resolver:
    """CommandFailed where none is named, or not as it must be."""
    given = os.environ.get(VARIABLE)
    try:
        made = dns.resolver.Resolver(configure=not given)
    except dns.resolver.NoResolverConfiguration:
        raise CommandFailed(NO_RESOLVER) from None
    if given:
        host, made.port = server(given)
        made.nameservers = [host]
    made.timeout, made.lifetime = SECONDS_A_TRY, SECONDS_IN_ALL
    made.use_edns(0, 0, UDP_BYTES)
    return made


def server(given: str) -> tuple[str, int]:
    host, _, port = given.rpartition(":")
    try:
        address, number = str(ipaddress.ip_address(host.strip("[]"))), int(port)
    except ValueError:
        raise no_server(given) from None
    if number not in PORTS:
        raise no_server(given)
    return address, number


def no_server(given: str) -> CommandFailed:
    how = "the IP address and the port of a resolver, such as 9.9.9.9:53"
    return CommandFailed(f"{VARIABLE} must be {how}; it is {given!r}.")


def ask(resolver: dns.resolver.Resolver, name: str, type: str) -> Answer:
    try:
        absolute = dns.name.from_text(f"{name.rstrip('.')}.")
        return answered(response_to(resolver, absolute, type))
    except dns.resolver.NoNameservers as error:
        return refused(error)
    except dns.exception.Timeout:
        return Answer(outcome=TIMEOUT, failure=FAILURES[TIMEOUT])
    except (dns.exception.DNSException, UnicodeError) as error:
        return Answer(outcome=FAILED, failure=f"cannot be asked for: {error}")


def response_to(resolver: dns.resolver.Resolver, name: dns.name.Name, type: str) -> QueryMessage:
    try:
        return resolver.resolve(name, type, raise_on_no_answer=False, search=False).response
    except dns.resolver.NXDOMAIN as error:
        found: QueryMessage = error.kwargs["responses"][name]
        return found


def answered(response: QueryMessage) -> Answer:
    chain = response.resolve_chaining()
    values = tuple(sorted(presented(data) for data in chain.answer or ()))
    # The end of a chain of CNAMEs may be missing, and then the response says NXDOMAIN for a name that is there.
    absent = NO_NAME if response.rcode() and not chain.cnames else NO_ANSWER
    return Answer(
        outcome=FOUND if values else absent,
        values=values,
        alias=host(chain.canonical_name) if chain.cnames else None,
        ttl=chain.minimum_ttl,
    )


def refused(error: dns.resolver.NoNameservers) -> Answer:
    """What the servers said: a code such as SERVFAIL, or an answer that makes no sense, such as a loop of CNAMEs."""
    said = [str(each[3]) or type(each[3]).__name__ for each in error.kwargs["errors"]]
    if SERVFAIL.upper() in said:
        return Answer(outcome=SERVFAIL, failure=FAILURES[SERVFAIL])
    return Answer(outcome=FAILED, failure=", ".join(dict.fromkeys(said)) or "no server to ask")


def presented(data: Any) -> str:
    match data.rdtype:
        case dns.rdatatype.TXT:
            return b"".join(data.strings).decode("utf-8", "backslashreplace")
        case dns.rdatatype.MX:
            return f"{data.preference} {host(data.exchange)}"
        case dns.rdatatype.CNAME:
            return host(data.target)
        case _:
            return str(data.to_text())


def host(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
