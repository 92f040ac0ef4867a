"""What an event's detail must look like: the JSON Schemas of docs/events, compiled once."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

from lambdas.shared.queue import Rejected


class Schemas:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._validator = cache(self._compile)

    def check(self, detail_type: str, detail: object) -> dict[str, Any]:
        """The detail, unchanged; Rejected, naming the field but not its value, if it does not fit its schema."""
        try:
            checked: dict[str, Any] = self._validator(detail_type)(detail)
        except fastjsonschema.JsonSchemaValueException as wrong:
            raise Rejected(f"{detail_type}: {wrong.message.replace('data', 'detail', 1)}") from None
        return checked

    def _compile(self, detail_type: str) -> Callable[[object], Any]:
        schema = json.loads((self._folder / f"{detail_type}.json").read_bytes())
        compiled: Callable[[object], Any] = fastjsonschema.compile(schema, use_default=False)
        return compiled
