"""One HTTPS request whose address is looked up once, checked, and then the very one that is connected to.

http.client and not urllib3: it speaks over a connection that is handed to it, so that no pool, proxy or second look-up
can put another in its place. Host header, SNI and certificate are by the name.

Unanswered      there is no status; the message says why, by the host alone
├── NotPublic   the name leads to an address that is not the internet's
└── TooSlow     the time for all of it is over
"""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address
from typing import TYPE_CHECKING

from lambdas.connect.public_address import is_public
from lambdas.connect.timed import Left, Timed, within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lambdas.connect.endpoint import Endpoint

SECONDS = 5
BODY = 65_536  # bytes of an answer's body that are read
HEAD_AND_BODY = 2 * BODY  # http.client alone would take a hundred header lines of 64 KB


class Unanswered(Exception):
    """Nobody answered, or not in HTTP."""


class NotPublic(Unanswered):
    pass


class TooSlow(Unanswered):
    pass


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`headers` by their names in lower case; `body` is its first 64 KB, or less where it broke off."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Network:
    """`resolve` gives a host's addresses, in their numbers; `dial` connects to one of them, at a port, within so many
    seconds; `tls` checks certificates; `seconds` are for the look-up, the connection, TLS, the request and the answer
    together."""

    resolve: Callable[[str], Sequence[str]]
    dial: Callable[[str, int, float], socket.socket]
    tls: ssl.SSLContext
    seconds: float

    def post(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer, whatever its status; Unanswered. Redirects are answers like others."""
        left = Left(self.seconds)
        try:
            with closing(self._connection(endpoint, left)) as connection:
                return exchanged(Timed(connection, left, HEAD_AND_BODY), endpoint, headers, body)
        except (OSError, HTTPException, ValueError) as error:
            raise self._unanswered(endpoint.name, error) from None

    def reach(self, endpoint: Endpoint) -> None:
        """Unanswered if it cannot be connected to, or has no certificate; nothing is sent."""
        try:
            self._connection(endpoint, Left(self.seconds)).close()
        except (OSError, ValueError) as error:
            raise self._unanswered(endpoint.name, error) from None

    def _connection(self, endpoint: Endpoint, left: Left) -> ssl.SSLSocket:
        plain = self._dialled(self._addresses(endpoint, left), endpoint.port, left)
        plain.settimeout(left())
        try:
            return self.tls.wrap_socket(plain, server_hostname=endpoint.host)
        except BaseException:
            plain.close()
            raise

    def _addresses(self, endpoint: Endpoint, left: Left) -> Sequence[str]:
        """All of the host's addresses. One that is not public refuses it whole: it would be reached now and then."""
        addresses = within(left(), lambda: self.resolve(endpoint.host))
        private = [address for address in addresses if not is_public(address)]
        if private:
            raise NotPublic(f"{endpoint.name} leads to {private[0]}, which is not a public address")
        if not addresses:
            raise Unanswered(f"{endpoint.name} leads to no address")
        return addresses

    def _dialled(self, addresses: Sequence[str], port: int, left: Left) -> socket.socket:
        """A connection to the first that takes it; each has its share of the time."""
        for waiting in range(len(addresses), 1, -1):
            try:
                return self.dial(addresses[-waiting], port, left() / waiting)
            except OSError:
                continue
        return self.dial(addresses[-1], port, left())

    def _unanswered(self, name: str, error: Exception) -> Unanswered:
        if isinstance(error, TimeoutError):
            return TooSlow(f"{name} took more than {self.seconds:g} s")
        if isinstance(error, ssl.SSLCertVerificationError):
            return Unanswered(f"the certificate of {name} is not trusted: {error.verify_message}")
        if isinstance(error, socket.gaierror):
            return Unanswered(f"{name} is a name without an address")
        return Unanswered(f"no answer from {name}: {type(error).__name__}")


def exchanged(connection: Timed, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Answer:
    http = HTTPConnection(endpoint.host, endpoint.port)
    http.auto_open = 0
    http.sock = connection
    http.request("POST", endpoint.target, body, {"Host": endpoint.name, "Connection": "close", **headers})
    with http.getresponse() as response:
        named = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=response.status, headers=named, body=beginning(response))


def beginning(response: HTTPResponse) -> bytes:
    """The status is known, and says what became of the request, whatever happens to the body."""
    try:
        return response.read(BODY)
    except (OSError, HTTPException, ValueError):
        return b""


def look_up(host: str) -> list[str]:
    """The addresses of a host in the order in which this machine would try them, each once."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def dial(address: str, port: int, seconds: float) -> socket.socket:
    """A connection to an address in its numbers: there is nothing left to look up."""
    family = socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.connect((address, port))
    except BaseException:
        connection.close()
        raise
    return connection


def internet() -> Network:
    return Network(resolve=look_up, dial=dial, tls=ssl.create_default_context(), seconds=SECONDS)
