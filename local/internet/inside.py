"""Runs a function's worker within the embedded internet: `python -I -B inside.py internet.json worker.py`.

A script for itself, of the standard library alone: a function has nothing of ours beside it. The names of the file
have addresses, and a connection to one of these is made to their server on this machine. This machine's own addresses
lead where they always do. No other name exists, and no other address can be reached.
"""

import errno
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any

HERE = {"", "127.0.0.1", "::1", "localhost"}
HTTPS = 443


class Internet:
    """`names` has an address and a port of this machine for each name."""

    def __init__(self, names: Mapping[str, tuple[str, int]]) -> None:
        self._names = {name: address for name, (address, _port) in names.items()}
        self._ports = dict(names.values())

    def surround(self) -> None:
        """For the rest of this process."""
        look_up, connect, connect_ex = socket.getaddrinfo, socket.socket.connect, socket.socket.connect_ex

        def getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:
            return look_up(self._names.get(text(host), host), *arguments, **named)

        def connected(connection: socket.socket, address: Any) -> None:
            connect(connection, self.led(address))

        def connected_or_why(connection: socket.socket, address: Any) -> int:
            try:
                led = self.led(address)
            except OSError as error:
                return error.errno or errno.ENETUNREACH
            return connect_ex(connection, led)

        socket.getaddrinfo = getaddrinfo
        socket.socket.connect = connected  # type: ignore[assignment, method-assign]  # that is the point
        socket.socket.connect_ex = connected_or_why  # type: ignore[assignment, method-assign]  # as above
        sys.addaudithook(watch)

    def led(self, address: Any) -> Any:
        """Where a connection to this address really goes; OSError if nowhere."""
        if not isinstance(address, tuple) or address[0] in HERE:
            return address
        if address[0] not in self._ports:
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
        if address[1] != HTTPS:
            raise OSError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        return "127.0.0.1", self._ports[address[0]]


def text(host: Any) -> str:
    return (host.decode("ascii", "replace") if isinstance(host, bytes) else host or "").lower()


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Stops whatever way out there is besides, before it is taken (docs.python.org, "Audit events table")."""
    if check := WATCHED.get(event):
        check(*arguments)


def nobody() -> OSError:
    return socket.gaierror(socket.EAI_NONAME, "there is no such name in the embedded internet")


def may_look_up(host: Any, *_more: Any) -> None:
    """Only what nobody has to be asked for."""
    if text(host) not in HERE and not any(is_address(family, text(host)) for family in FAMILIES):
        raise nobody()


def may_name(address: Any) -> None:
    """The same, where an address is given and its name asked for."""
    if (address[0] if isinstance(address, tuple) else address) not in HERE:
        raise nobody()


def may_send(_connection: Any, address: Any) -> None:
    """Without an address it is connected already; one that is no pair is within this machine."""
    if isinstance(address, tuple) and address[0] not in HERE:
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))


FAMILIES = (socket.AF_INET, socket.AF_INET6)
WATCHED: dict[str, Callable[..., None]] = {
    **dict.fromkeys(("socket.getaddrinfo", "socket.gethostbyname"), may_look_up),
    **dict.fromkeys(("socket.gethostbyaddr", "socket.getnameinfo"), may_name),
    **dict.fromkeys(("socket.connect", "socket.sendto", "socket.sendmsg"), may_send),
}


def is_address(family: int, host: str) -> bool:
    try:
        socket.inet_pton(family, host)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    table, worker = sys.argv[1:]
    with open(table, "rb") as told:  # noqa: PTH123 - pathlib would be imported for every function
        Internet(json.load(told)).surround()
    with open(worker, "rb") as script:  # noqa: PTH123 - as above
        code = compile(script.read(), worker, "exec")
    exec(code, {"__name__": "__main__", "__file__": worker})  # noqa: S102 - it is what we are here to run
