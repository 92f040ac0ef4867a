"""Webhooks of a stand-in: posted one after the other, each once; the receiver's answers are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

import urllib3


@dataclass(frozen=True, kw_only=True)
class Call:
    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(kw_only=True)
class Webhooks:
    """`answers` are the statuses, or names of errors, in order."""

    answers: list[str] = field(default_factory=list)
    _calls: SimpleQueue[Call | None] = field(default_factory=SimpleQueue)

    def start(self) -> None:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def send(self, call: Call) -> None:
        self._calls.put(call)

    def stop(self) -> None:
        self._calls.put(None)
        self._thread.join(10)

    def _run(self) -> None:
        with urllib3.PoolManager(retries=False, timeout=5) as pool:
            while call := self._calls.get():
                try:
                    url, host = here(call.url)
                    headers = {**call.headers, "Host": host}
                    response = pool.request("POST", url, body=call.body, headers=headers, redirect=False)
                    self.answers.append(str(response.status))
                except urllib3.exceptions.HTTPError as error:
                    self.answers.append(type(error).__name__)


def here(url: str) -> tuple[str, str]:
    """Where to connect, and the host to name there: names under .localhost are this machine (RFC 6761), but not every
    resolver knows it."""
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return url, parts.netloc
    return parts._replace(netloc=f"127.0.0.1:{parts.port or 80}").geturl(), parts.netloc
