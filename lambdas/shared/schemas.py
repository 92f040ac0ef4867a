"""What an event's detail must look like: the JSON Schemas of docs/events and docs/http.

The bundle holds them compiled to Python (infra/schemas.py), so that no function has to import a compiler.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

from lambdas.shared.queue import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Misfit(ValueError):
    """What a compiled schema raises. The message names the field but not its value."""


class Schemas:
    """Those of a folder: `<name>.py` in the bundle, `<name>.json` in the repository."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._validator = cache(self._load)

    def check(self, detail_type: str, detail: object) -> dict[str, Any]:
        """The detail, unchanged; Rejected, naming the field but not its value, if it does not fit its schema."""
        try:
            checked: dict[str, Any] = self._validator(detail_type)(detail)
        except ValueError as wrong:  # fastjsonschema's own errors are of this kind too
            raise Rejected(f"{detail_type}: {str(wrong).replace('data', 'detail', 1)}") from None
        return checked

    def _load(self, detail_type: str) -> Callable[[object], Any]:
        place = self._folder / f"{detail_type}.py"
        return _imported(place) if place.exists() else _compiled(place.with_suffix(".json"))


def _imported(place: Path) -> Callable[[object], Any]:
    spec = spec_from_file_location(f"schemas.{place.stem}", place)
    if not spec or not spec.loader:
        raise ImportError(place)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    validate: Callable[[object], Any] = module.validate
    return validate


def _compiled(place: Path) -> Callable[[object], Any]:
    import fastjsonschema  # not there on Lambda

    validate: Callable[[object], Any] = fastjsonschema.compile(json.loads(place.read_bytes()), use_default=False)
    return validate
