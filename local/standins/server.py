"""What all stand-ins are: a server that checks, counts, fails as it is told to, and hands the rest to its routes.

Its knobs, all under /_stand-in/ and all JSON: GET state; POST faults (a list, see faults.py), calm (no more faults),
webhook {"url", "secret"}, token {"token"}, and what a person does there, as each stand-in's knobs() says.
"""

from __future__ import annotations

import json
import random
import re
import sys
from base64 import b64encode
from collections import Counter
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext, SSLError
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from local.standins.descriptions import contract, description
from local.standins.exchange import Answer, Asked
from local.standins.faults import Fault, Faults
from local.standins.webhooks import Call, Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KNOBS = "/_stand-in/"
Route = tuple[str, str, "Callable[..., Answer]"]


class StandIn:
    """`user` and `token` are what Basic authentication must bring."""

    name = ""

    def __init__(self, *, user: str, token: str, seed: int = 0) -> None:
        self.user = user
        self.token = token
        self.base = ""
        self.lock = Lock()
        self.ended = Event()
        self.requests: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.faults = Faults(chance=random.Random(seed).random)  # noqa: S311 - faults, not secrets
        self.webhooks = Webhooks()
        self.webhook: dict[str, str] | None = None

    def routes(self) -> list[Route]:
        """(method, pattern of a path, what answers; it is given the request and the pattern's groups)."""
        raise NotImplementedError

    def knobs(self) -> dict[str, Callable[[Any], Any]]:
        """What a person does in the system."""
        raise NotImplementedError

    def contents(self) -> dict[str, Any]:
        """What it keeps, for its state."""
        raise NotImplementedError

    def stranger(self, asked: Asked) -> Answer | None:
        """What to answer one who has not said, as the system wants it, who it is."""
        known = "Basic " + b64encode(f"{self.user}:{self.token}".encode()).decode()
        if asked.headers.get("authorization") == known:
            return None
        return self.failure(401, "Couldn't authenticate you")

    def failure(self, status: int, text: str) -> Answer:
        """An error as the system gives it."""
        raise NotImplementedError

    def signed(self, body: bytes, secret: str) -> dict[str, str]:
        """The headers of a webhook of theirs."""
        raise NotImplementedError

    def answer(self, asked: Asked) -> tuple[Answer, Fault | None]:
        """What to answer, and the fault that it is to be answered with."""
        with self.lock:
            answer, fault = (self._turn(asked), None) if asked.path.startswith(KNOBS) else self._asked(asked)
            _ = answer.body  # of now: what it shows may change as soon as others have the lock
            return answer, fault

    def tell(self, event: dict[str, Any]) -> None:
        """Post a webhook, if one is set."""
        if self.webhook:
            body = json.dumps(event).encode()
            headers = {"Content-Type": "application/json", **self.signed(body, self.webhook["secret"])}
            self.webhooks.send(Call(url=self.webhook["url"], body=body, headers=headers))

    def state(self) -> dict[str, Any]:
        """`validates`: whether what is asked and answered is held against a published description."""
        return {
            "validates": description(self.name) is not None,
            **self.contents(),
            "requests": dict(self.requests),
            "wrong": self.wrong,
            "faults": self.faults.happened,
            "rests": self.faults.rests,
            "waiting": [asdict(fault) for fault in self.faults.given if fault.times != 0],
            "webhooks": self.webhooks.answers,
        }

    def _asked(self, asked: Asked) -> tuple[Answer, Fault | None]:
        self.requests[f"{asked.method} {re.sub('[0-9]+', 'N', asked.path)}"] += 1
        fault = self.faults.next(asked)
        if fault and fault.kind in BEFORE:
            return BEFORE[fault.kind](self, fault), fault
        answer = self._checked(asked)
        return (self.failure(fault.status, "broken") if fault and fault.kind == "after" else answer), fault

    def _checked(self, asked: Asked) -> Answer:
        if refused := self.stranger(asked):
            return refused
        described = contract(self.name)
        if described and (wrong := described.wrong(asked)):
            self.wrong.append(wrong)
            return self.failure(400, wrong)
        answer = self._routed(asked)
        if described and (wrong := described.wrong_answer(asked, answer)):
            self.wrong.append(wrong)
        return answer

    def _routed(self, asked: Asked) -> Answer:
        for method, pattern, route in self.routes():
            if method == asked.method and (found := re.fullmatch(pattern, asked.path)):
                return route(asked, *map(unquote, found.groups()))
        return self.failure(404, f"there is no {asked.method} {asked.path}")

    def _turn(self, asked: Asked) -> Answer:
        if asked.method == "GET":
            return Answer(data=self.state())
        turns = {
            "faults": lambda given: self.faults.add(*given),
            "calm": lambda _given: self.faults.given.clear(),
            "webhook": lambda given: setattr(self, "webhook", given),
            "token": lambda given: setattr(self, "token", given["token"]),
            **self.knobs(),
        }
        knob = asked.path.removeprefix(KNOBS)
        if knob not in turns:
            return Answer(status=404, data={"error": f"there is no knob {knob}, but {', '.join(turns)}"})
        try:
            return Answer(data={"done": turns[knob](asked.json() if asked.body else None)})
        except (KeyError, TypeError, ValueError) as error:
            return Answer(status=400, data={"error": repr(error)})


def too_many(server: StandIn, fault: Fault) -> Answer:
    return Answer(status=429, data=server.failure(429, "too many").data, headers={"Retry-After": fault.retry_after})


BEFORE: dict[str, Callable[[StandIn, Fault], Answer]] = {
    "too-many": too_many,
    "rest": too_many,
    "before": lambda server, fault: server.failure(fault.status, "unavailable"),
    "forbidden": lambda server, _fault: server.failure(403, "not permitted"),
    "drop-before": lambda _server, _fault: Answer(status=0),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece: in two, the second waits 40 ms for the first's acknowledgement
    server: Server

    def handle_any(self) -> None:
        parts = urlsplit(self.path)
        asked = Asked(
            method=self.command,
            path=parts.path,
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        standin = self.server.standin
        answer, fault = standin.answer(asked)
        if fault and fault.seconds:
            standin.ended.wait(fault.seconds)
        if fault and fault.kind in {"drop-before", "drop-after", "hang-after"}:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.body:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = handle_any  # noqa: N815 - their names are http.server's

    def log_message(self, *_arguments: Any) -> None:
        """Requests are counted, not logged."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, standin: StandIn, port: int, tls: SSLContext | None) -> None:
        self.standin = standin
        self._tls = tls
        super().__init__(("127.0.0.1", port), Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the thread of this connection, which alone waits for its TLS."""
        if not self._tls:
            super().finish_request(request, client_address)
            return
        with closing(self._tls.wrap_socket(request, server_side=True)) as connection:
            super().finish_request(connection, client_address)

    def handle_error(self, *_arguments: Any) -> None:
        """A client that went away while it was answered is what some faults are for; anything else is ours."""
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, SSLError)):
            self.standin.wrong.append(f"the stand-in failed: {error!r}")


@contextmanager
def listening(standin: StandIn, port: int = 0, tls: SSLContext | None = None) -> Iterator[int]:
    """Answer on this machine until the end of the block; gives the port."""
    server = Server(standin, port, tls)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        standin.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextmanager
def running(standin: StandIn, port: int = 0) -> Iterator[str]:
    """Serve on this machine until the end of the block, and post webhooks; gives "http://127.0.0.1:PORT", which is also
    its base as long as nobody sets another."""
    with listening(standin, port) as taken:
        here = standin.base = f"http://127.0.0.1:{taken}"
        standin.webhooks.start()
        try:
            yield here
        finally:
            standin.webhooks.stop()


def serve(standin: StandIn) -> None:
    """Until Ctrl-C; says where, and with which credentials."""
    with running(standin) as base, suppress(KeyboardInterrupt):
        sys.stdout.write(f"{base} {standin.user} {standin.token}\n")
        sys.stdout.flush()
        standin.ended.wait()
