"""A socket, and a call, that end in time."""

from __future__ import annotations

import io
import time
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from _typeshed import ReadableBuffer, WriteableBuffer

PIECE = 16_384  # bytes, as many as a TLS record has

T = TypeVar("T")


class Left:
    """How many seconds are left of some; TimeoutError if none are."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def __call__(self) -> float:
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


class Timed:
    """As much of a socket as http.client needs, each call of it within what is left: a socket's own time-out begins
    anew with every byte. At most `room` bytes are read."""

    def __init__(self, connection: socket.socket, left: Left, room: int) -> None:
        self._connection = connection
        self._left = left
        self._room = room

    def sendall(self, data: ReadableBuffer) -> None:
        view = memoryview(data)
        while view:
            self._connection.settimeout(self._left())
            view = view[self._connection.send(view[:PIECE]) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(Incoming(self._connection, self._left, self._room))

    def close(self) -> None:
        """Whoever made the connection closes it."""


class Incoming(io.RawIOBase):
    """The first `room` bytes that come."""

    def __init__(self, connection: socket.socket, left: Left, room: int) -> None:
        self._connection = connection
        self._left = left
        self._room = room

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._connection.settimeout(self._left())
        count = self._connection.recv_into(memoryview(buffer)[: self._room]) if self._room else 0
        self._room -= count
        return count


def within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` gives, or raises; TimeoutError if that takes longer. getaddrinfo knows no time-out of its own."""
    outcome: SimpleQueue[tuple[T] | Exception] = SimpleQueue()

    def run() -> None:
        try:
            outcome.put((call(),))
        except Exception as error:  # raised again, in the thread that asked
            outcome.put(error)

    Thread(target=run, daemon=True).start()
    try:
        result = outcome.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(result, Exception):
        raise result
    return result[0]
