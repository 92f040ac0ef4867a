"""The fields that the stand-in's Jira has on its screen for creating an issue."""

from __future__ import annotations

from typing import Any

FIELDS = {"project", "issuetype", "summary", "description", "labels", "customfield_10001", "customfield_10002"}


def described(name: str, *, required: bool) -> dict[str, Any]:
    return {
        "key": name,
        "name": name,
        "required": required,
        "operations": ["set"],
        "schema": {"type": "string"},
    }
