"""SES's events for the tests of feedback, as files and as they are varied."""

import json
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "events"


def event(name, **changed):
    """An event of tests/events, some fields of its own part changed."""
    found = json.loads((FOLDER / f"{name}.json").read_text())
    part = next(key for key in found if key not in {"eventType", "notificationType", "mail"})
    found[part] |= changed
    return found
