"""JSON Schemas as functions find them: compiled to Python, which needs no compiler to check a value."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING

import fastjsonschema

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ERROR, ERRORS = "JsonSchemaValueException", "JsonSchemaValuesException"
THEIRS = f"from fastjsonschema import {ERROR}, {ERRORS}"
OURS = f"from lambdas.shared.schemas import Misfit as {ERROR}, Misfit as {ERRORS}"


def compile_schemas(schemas: Iterable[Path], target: Path) -> None:
    """Write `<name>.py` into `target` for each schema `<name>.json`; its `validate` gives a value back that fits, and
    raises lambdas.shared.schemas.Misfit for one that does not."""
    target.mkdir()
    for schema in schemas:
        (target / f"{schema.stem}.py").write_text(compiled(schema.read_text(encoding="utf-8")), encoding="utf-8")


def compiled(schema: str) -> str:
    definition = json.loads(schema)
    definition.pop("$id", None)  # else the function is named after it
    code = ast.unparse(Terse().visit(ast.parse(fastjsonschema.compile_to_code(definition, use_default=False))))
    if THEIRS not in code:
        raise ValueError("fastjsonschema's code no longer imports its errors as it did")
    return code.replace(THEIRS, OURS) + "\n"


class Terse(ast.NodeTransformer):
    """Leaves of an error its message: the part of the schema that each carries is most of the code."""

    def visit_Call(self, call: ast.Call) -> ast.Call:
        self.generic_visit(call)
        if isinstance(call.func, ast.Name) and call.func.id == ERROR:
            call.keywords = []
        return call
