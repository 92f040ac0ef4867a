"""JSON over HTTP to a ticket system, each failure as the RemoteError that it is, and no credential in any of them.

What a failure says of a write: before the request is out (no address, no connection, no TLS) nothing was done; after
that, until an answer is read whole, it may have been.
"""

from __future__ import annotations

import json
import logging
import math
import re
import time
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from functools import wraps
from http import HTTPStatus
from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from lambdas.connect.remote import (
    Answered,
    Conflict,
    Gone,
    NotAllowed,
    Refused,
    RemoteError,
    TooMany,
    Unavailable,
    Unknown,
)
from lambdas.shared.queue import described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

log = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5, 20, 30
ANSWER_BYTES = 10_000_000
PIECE_BYTES = 65_536
RETRY_SECONDS = 60  # where they do not say how long, or nothing that can be understood
MOST_RETRY_SECONDS = 86_400
EXCERPT, REASON = 2_000, 300  # characters
OPENING = re.compile(r'("(?:uploads|token)"\s*:\s*)(?:\[[^\]]*\]?|"(?:[^"\\]|\\.)*"?)')  # what opens an upload, in JSON
DIGITS = re.compile(r"[0-9]{1,9}", re.ASCII)
OK, MULTIPLE_CHOICES = HTTPStatus.OK, HTTPStatus.MULTIPLE_CHOICES
Failed = Unavailable | Unknown
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
CONTENT_TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}", re.ASCII)  # RFC 6838 section 4.2


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Basic authentication (RFC 7617)."""

    user: str
    password: str = field(repr=False)

    @property
    def header(self) -> str:
        return "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()


@contextmanager
def timed() -> Iterator[None]:
    """Have an error within this say how long it took."""
    began = time.monotonic()
    try:
        yield
    except Answered as error:
        error.took = time.monotonic() - began
        raise


class Http:
    """One system at `base`, "https://host" without a path. `what` names it in messages, `now` is in seconds since 1970.

    `not_allowed` and `gone` are the sentences for 401 and 403, and for 404 and 410. `rest` says for how many seconds it
    is still to be left alone, which another execution may have heard since the last request; then TooMany, unasked.
    """

    def __init__(
        self,
        base: str,
        credentials: Credentials,
        *,
        what: str,
        not_allowed: Mapping[int, str],
        gone: str,
        rest: Callable[[], float],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.base = checked(base)
        self.user = credentials.user
        self._credentials = credentials
        self._what = what
        self._not_allowed = not_allowed
        self._gone = gone
        self._rest = rest
        self._now = now
        self._last = NOTHING
        self._pool = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS), maxsize=1
        )

    @timed()
    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        data: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
        of_ticket: bool = False,
    ) -> Any:
        """The answer's JSON, None of a 204. `data` is sent as JSON, or else `body` as it is. `repeatable`: done
        twice is no worse than once, as with every GET. `of_ticket`: 404 says that this ticket is gone."""
        if (left := self._rest()) > 0:
            raise TooMany(left)
        request = f"{method} {path}" + (f"?{urlencode(query)}" if query else "")
        failed = Unavailable if repeatable or method == "GET" else Unknown
        sent = {"Accept": "application/json", **(headers or {}), "Authorization": self._credentials.header}
        if data is not None:
            body = json.dumps(data).encode()
            sent["Content-Type"] = "application/json"
        content = "" if data is None else f"\n{json.dumps(data, ensure_ascii=False)}"
        self._last = last = Exchange(operation=f"{method} {path}", request=request + content)
        try:
            status, answered, answer = self._exchange(method, self.base + request.partition(" ")[2], body, sent)
        except (HTTPError, OSError) as error:
            why = f"{self._what} gave no whole answer to {last.operation}: {type(error).__name__}"
            raise (Unavailable if unsent(error) else failed)(why, *self._excerpts(last)) from None
        self._last = last = replace(last, answer=answer)
        if not OK <= status < MULTIPLE_CHOICES:
            seconds = retry_after(answered.get("Retry-After"), self._now())
            raise self._error(status, seconds, last, failed, of_ticket=of_ticket)
        try:
            return None if status == HTTPStatus.NO_CONTENT else json.loads(answer)
        except (ValueError, RecursionError):
            why = f"{self._what} answered {last.operation} with what is not JSON"
            raise failed(why, *self._excerpts(last)) from None

    @contextmanager
    def promised(self, failed: type[Failed]) -> Iterator[None]:
        """Take answers apart within this: one in another form than it should have is a failure like others."""
        self._last = NOTHING
        try:
            yield
        except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
            if not self._last.answer:
                raise  # nobody has answered yet, so it is not of them
            log.warning("odd answer", extra=described(error))
            why = f"{self._what} answered {self._last.operation} in another form than it should have"
            raise failed(why, *self._excerpts(self._last)) from None

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        response = self._pool.request(method, url, body=body, headers=headers, redirect=False, preload_content=False)
        try:
            answer = whole(response, time.monotonic() + WHOLE_SECONDS)
        except BaseException:
            response.close()  # what is left in the connection is no beginning of another answer
            raise
        response.release_conn()
        return response.status, response.headers, answer

    def _error(
        self, status: int, seconds: float | None, last: Exchange, failed: type[Failed], *, of_ticket: bool
    ) -> RemoteError:
        answered, excerpts = f"{self._what} answered {status} to {last.operation}", self._excerpts(last)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return TooMany(RETRY_SECONDS if seconds is None else seconds)
        if status in self._not_allowed:
            return NotAllowed(f"{answered}: {self._not_allowed[status]}")
        if of_ticket and status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return Gone(f"{answered}: {self._gone}")
        if status == HTTPStatus.CONFLICT:
            return Conflict(answered, *excerpts, seconds=seconds)
        if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return failed(answered, *excerpts, seconds=seconds)
        return Refused(f"{answered}: {reason(self._masked(last.text))}", *excerpts)

    def _excerpts(self, last: Exchange) -> tuple[str, str]:
        """The request and the answer, as an operator may see them."""
        return self._masked(last.request)[:EXCERPT], self._masked(last.text)[:EXCERPT]

    def _masked(self, text: str) -> str:
        for secret in (self._credentials.header.removeprefix("Basic "), self._credentials.password):
            text = text.replace(secret, "…") if secret else text
        return OPENING.sub(r"\1…", text)


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request, and what was answered as far as it is known."""

    operation: str
    request: str = field(repr=False)
    answer: bytes = field(default=b"", repr=False)

    @property
    def text(self) -> str:
        return self.answer.decode(errors="replace")


NOTHING = Exchange(operation="", request="")


class Client(Protocol):
    _http: Http


S = TypeVar("S", bound=Client)
P = ParamSpec("P")
T = TypeVar("T")


def promised(
    failed: type[Failed],
) -> Callable[[Callable[Concatenate[S, P], T]], Callable[Concatenate[S, P], T]]:
    """A client's method whose answers are taken apart as Http.promised has it."""

    def decorate(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
        @wraps(method)
        def called(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
            with self._http.promised(failed):
                return method(self, *args, **kwargs)

        return called

    return decorate


def whole(response: urllib3.BaseHTTPResponse, end: float) -> bytes:
    """The body. The pool's time-outs count from one piece to the next; `end` is for whoever sends drop by drop."""
    answer = bytearray()
    while piece := response.read1(PIECE_BYTES):
        answer += piece
        if len(answer) > ANSWER_BYTES or time.monotonic() > end:
            raise HTTPError("the answer is too long, or takes too long")
    return bytes(answer)


def unsent(error: Exception) -> bool:
    """Whether the request surely never went out: no address, no connection, a certificate that is not theirs."""
    if isinstance(error, SSLError):
        return isinstance(error.args[0], SSLCertVerificationError)
    return isinstance(error, (NewConnectionError, ConnectTimeoutError))


def checked(base: str) -> str:
    """`base` if credentials may be sent there: https, or this machine itself, where the stand-ins are."""
    parts = urlsplit(base)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"not https://HOST: {parts.scheme}://{parts.hostname}")
    return base


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait, of a Retry-After header in seconds or as a date (RFC 9110 section 10.2.3)."""
    if value is None:
        return None
    if DIGITS.fullmatch(value.strip()):
        seconds = float(value)
    else:
        try:
            seconds = math.ceil(parsedate_to_datetime(value).timestamp() - now)
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0), MOST_RETRY_SECONDS)


def reason(answer: str) -> str:
    """What an answer says in words: the strings of its JSON, or how it begins."""
    try:
        words = " ".join(strings(json.loads(answer)))
    except (ValueError, RecursionError):
        words = ""
    return (words or " ".join(answer.split()))[:REASON] or "without a word"


def strings(value: Any, name: str = "") -> Iterator[str]:
    """All strings in a JSON value, those of an object with their names: Jira's {"errors": {"customfield_1": "..."}}."""
    if isinstance(value, str):
        yield f"{name}: {value}" if name else value
    for inner in value if isinstance(value, list) else []:
        yield from strings(inner, name)
    for key, inner in value.items() if isinstance(value, dict) else []:
        yield from strings(inner, key)


def content_type(given: str) -> str:
    """A file's type, as far as a header can carry it."""
    return given if CONTENT_TYPE.fullmatch(given) else "application/octet-stream"
