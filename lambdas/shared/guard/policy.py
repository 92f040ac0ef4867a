"""The lines: at which rates a stream is warned about, slowed down and paused, and from how many mails on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lambdas.shared.counts.contributions import MARKETING, TRANSACTIONAL
from lambdas.shared.guard.level import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

BOUNCES, COMPLAINTS = "bounces", "complaints"
KINDS = (BOUNCES, COMPLAINTS)


LINES = {Level.WARNED: "warn", Level.SLOWED: "slow", Level.PAUSED: "pause"}


@dataclass(frozen=True, kw_only=True)
class Pair:
    bounces: float
    complaints: float

    def of(self, kind: str) -> float:
        return self.bounces if kind == BOUNCES else self.complaints


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Lines in percent of mails; `least` is the number of mails below which a rate says nothing. `slowed_by`: what the
    rate of marketing is divided by while it is slowed down."""

    warn: Pair = field(default_factory=lambda: Pair(bounces=2, complaints=0.05))
    slow: Pair = field(default_factory=lambda: Pair(bounces=3, complaints=0.07))
    pause: Pair = field(default_factory=lambda: Pair(bounces=4, complaints=0.08))
    least: Pair = field(default_factory=lambda: Pair(bounces=200, complaints=2000))
    slowed_by: int = 10
    pause_transactional: bool = False

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Policy:
        """From what `dataclasses.asdict` made of one, or a part of it."""
        read: dict[str, Any] = {
            name: Pair(**value) if isinstance(value, dict) else value for name, value in values.items()
        }
        return cls(**read)

    def line(self, level: Level, kind: str) -> float:
        pair: Pair = getattr(self, LINES[level])
        return pair.of(kind)

    def effect(self, stream: str, reached: Level) -> Level:
        """What becomes of a stream whose rates have reached a line. Only marketing is slowed down and paused; mail
        that a person waits for is paused only where the stage wants it, and other applications' mail cannot be."""
        if stream == MARKETING:
            return reached
        if stream == TRANSACTIONAL and reached is Level.PAUSED and self.pause_transactional:
            return Level.PAUSED
        return min(reached, Level.WARNED)
