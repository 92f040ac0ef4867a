"""The workflow of the stand-in's Jira project: every status follows every other."""

from __future__ import annotations

from typing import Any

# By name, with the category's key.
STATUSES = {"To Do": "new", "In Progress": "indeterminate", "Waiting for customer": "indeterminate", "Done": "done"}


def number(name: str) -> str:
    """A status's id, and its transition's."""
    return str(11 + 10 * list(STATUSES).index(name))


def status(name: str) -> dict[str, Any]:
    return {"id": number(name), "name": name, "statusCategory": {"key": STATUSES[name]}}
