"""Whether the guard has slowed marketing down, for those who send."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from lambdas.shared.counts.contributions import MARKETING
from lambdas.shared.guard.level import Level, level

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource, Table

KNOWN_SECONDS = 60  # that we believe what we have read


@dataclass(kw_only=True)
class Slowed:
    """Called with a stream: whether its mail waits for turns. `table` is that of counts; `clock` in seconds."""

    table: Table
    clock: Callable[[], float]
    _read_at: float | None = None
    _slowed: bool = False

    @classmethod
    def from_environment(cls, tables: DynamoDBServiceResource) -> Self:
        return cls(table=tables.Table(os.environ["COUNTS_TABLE"]), clock=time.monotonic)

    def __call__(self, stream: str) -> bool:
        if stream != MARKETING:
            return False
        now = self.clock()
        if self._read_at is None or now - self._read_at >= KNOWN_SECONDS:
            self._slowed = level(self.table, MARKETING) is Level.SLOWED
            self._read_at = now
        return self._slowed
