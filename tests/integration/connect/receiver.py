"""An HTTPS server of one certificate, that answers as it is told, byte by byte, and keeps what it got."""

import socket
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread


@dataclass
class Receiver:
    """`requests` are (first line, headers, body); `names` those asked for by SNI; `over` is set when it is to end."""

    port: int
    requests: list = field(default_factory=list)
    names: list = field(default_factory=list)
    connections: int = 0
    over: Event = field(default_factory=Event)


@contextmanager
def receiving(context, answer):
    """A server whose `answer(connection, receiver)` is called once a request is read; no `context`: no TLS either."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        receiver = Receiver(listener.getsockname()[1])
        thread = Thread(target=_serve, args=(listener, context, answer, receiver))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.over.set()
            with suppress(OSError):  # an accept() that waits
                socket.create_connection(listener.getsockname(), timeout=1).close()
            thread.join(10)
            assert not thread.is_alive()


def _serve(listener, context, answer, receiver):
    while True:
        connection, _ = listener.accept()
        with closing(connection):
            if receiver.over.is_set():
                return
            receiver.connections += 1
            connection.settimeout(10)
            with suppress(OSError):  # the client is gone
                _converse(connection, context, answer, receiver)


def _converse(connection, context, answer, receiver):
    if context:
        context.sni_callback = lambda _socket, name, _context: receiver.names.append(name)
        connection = context.wrap_socket(connection, server_side=True)
    with closing(connection):
        receiver.requests.append(_request(connection))
        answer(connection, receiver)


def _request(connection):
    got = b""
    while b"\r\n\r\n" not in got:
        got += _some(connection)
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    while len(body) < int(headers["Content-Length"]):
        body += _some(connection)
    return first, headers, body


def _some(connection):
    if piece := connection.recv(65_536):
        return piece
    raise ConnectionResetError


def saying(*pieces):
    """Answers with these bytes and hangs up."""

    def answer(connection, _receiver):
        for piece in pieces:
            connection.sendall(piece)

    return answer


def dripping(first, again):
    """Answers with `first`, and then `again` and again, a hundred times a second, as long as somebody listens."""

    def answer(connection, receiver):
        connection.sendall(first)
        while not receiver.over.wait(0.01):
            connection.sendall(again)

    return answer


def pouring(first, again):
    """As `dripping`, as fast as it is taken, for three seconds at most."""

    def answer(connection, _receiver):
        connection.sendall(first)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            connection.sendall(again)

    return answer
