"""A command of Mailroom's in what it says to people: as it is to be typed."""

from __future__ import annotations


def hint(stage: str, arguments: str, *, standby: bool = False) -> str:
    """Always with the stage: without one the command is about MAILROOM_STAGE's, or the laptop's."""
    return f"`mailroom --stage {stage} {'--standby ' if standby else ''}{arguments}`"
