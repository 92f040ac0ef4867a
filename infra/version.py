"""What tells one version of the stacks from another without a synthesis: a hash of all that they are made from.

Each stack has it as its output `Version`, and `mailroom doctor` compares it with that of the checkout it runs in. It
changes with every file that may change a template: another one says that a deployment may change something.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from infra.bundle import ROOT, SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra.settings import Settings

FOLDERS = ("infra", "lambdas", "templates", *SCHEMAS)
KINDS = {".py", ".json", ".txt", ".mjml", ".html"}
DIGITS = 16


def version(settings: Settings) -> str:
    made_from = hashlib.sha256(json.dumps([asdict(settings), flags()], sort_keys=True).encode())
    for path in sorted(sources()):
        made_from.update(f"\n{path.relative_to(ROOT)}\n".encode())
        made_from.update(hashlib.sha256(path.read_bytes()).digest())
    return made_from.hexdigest()[:DIGITS]


def flags() -> dict[str, object]:
    """The CDK's feature flags, which change what it makes of the same code."""
    context: dict[str, object] = json.loads((ROOT / "cdk.json").read_bytes())["context"]
    return {name: value for name, value in context.items() if name != "stages"}


def sources() -> Iterator[Path]:
    """The CDK app and all that goes into the functions; requirements.txt pins what makes templates of them."""
    yield from (ROOT / "app.py", ROOT / "requirements.txt")
    for folder in FOLDERS:
        yield from (path for path in (ROOT / folder).rglob("*") if path.suffix in KINDS)
