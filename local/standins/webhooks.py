"""Webhooks of a stand-in: posted one after the other, each once; the receiver's answers are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread

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
                    response = pool.request("POST", call.url, body=call.body, headers=call.headers, redirect=False)
                    self.answers.append(str(response.status))
                except urllib3.exceptions.HTTPError as error:
                    self.answers.append(type(error).__name__)
