"""A request and its answer, as values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`headers` by their names in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes

    def parameter(self, name: str, default: str = "") -> str:
        return dict(self.query).get(name, default)

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`data` is sent as JSON, as it was when `body` was first read; None: there is no body."""

    status: int = 200
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def body(self) -> bytes:
        return b"" if self.data is None else json.dumps(self.data).encode()
