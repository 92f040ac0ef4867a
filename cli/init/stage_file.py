"""cdk.json with one stage more, and every other character as it was. Pure, but for `write`."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DECODER = json.JSONDecoder()
WHITE = re.compile(r"[ \t\r\n]*")


class NoStages(ValueError):
    """The text is not JSON with an object `context.stages`; the message says what it lacks."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A key of an object and its value: where the key begins, where the value does, and where it ends."""

    key: str
    start: int
    value: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Object:
    """`start` is at its opening brace, `end` at its closing one."""

    start: int
    end: int
    members: tuple[Member, ...]

    def member(self, key: str) -> Member | None:
        """The last of that name, which is the one that JSON readers take."""
        return next((member for member in reversed(self.members) if member.key == key), None)


def stages(text: str) -> dict[str, Any]:
    """What is there by name; raises NoStages."""
    place(text)
    found: dict[str, Any] = json.loads(text)["context"]["stages"]
    return found


def with_stage(text: str, name: str, settings: dict[str, Any]) -> str:
    """The text with the stage behind the others, or in the place of the one of that name; raises NoStages."""
    all_stages, outer = place(text)
    inner, ends = indent(text, all_stages, outer), "\r\n" if "\r\n" in text else "\n"
    written = json.dumps(settings, indent=inner.removeprefix(outer) or "  ", ensure_ascii=False)
    written = written.replace("\n", f"{ends}{inner}")
    if there := all_stages.member(name):
        return text[: there.value] + written + text[there.end :]
    entry = f"{ends}{inner}{json.dumps(name)}: {written}"
    if all_stages.members:
        last = all_stages.members[-1].end
        return f"{text[:last]},{entry}{text[last:]}"
    return f"{text[: all_stages.start]}{{{entry}{ends}{outer}}}{text[all_stages.end + 1 :]}"


def write(path: Path, text: str) -> None:
    """Whole or not at all: another file takes the place of this one."""
    path = path.resolve()
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, made)
        Path(made).replace(path)
    finally:
        with suppress(FileNotFoundError):
            Path(made).unlink()


def place(text: str) -> tuple[Object, str]:
    """The object `context.stages`, and the white space that its line begins with."""
    try:
        json.loads(text)
    except ValueError as error:
        raise NoStages(f"is not JSON: {error}") from None
    at, outer = skip(text, 0), ""
    for key in ("context", "stages"):
        member = members(text, at).member(key) if text[at] == "{" else None
        if not member or text[member.value] != "{":
            raise NoStages('has no object "stages" within "context"')
        at, outer = member.value, line_start(text, member.start)
    return members(text, at), outer


def members(text: str, start: int) -> Object:
    """What is in the object that begins at `start` of a text that is JSON."""
    found = []
    at = skip(text, start + 1)
    while text[at] != "}":
        key, end = DECODER.raw_decode(text, at)
        value = skip(text, skip(text, end) + 1)
        _, end = DECODER.raw_decode(text, value)
        found.append(Member(key=key, start=at, value=value, end=end))
        at = skip(text, end)
        at = skip(text, at + 1) if text[at] == "," else at
    return Object(start=start, end=at, members=tuple(found))


def indent(text: str, parent: Object, outer: str) -> str:
    """What a line within the object begins with."""
    return line_start(text, parent.members[0].start) if parent.members else f"{outer}  "


def line_start(text: str, at: int) -> str:
    """The white space that the line of this place begins with."""
    begins = text.rfind("\n", 0, at) + 1
    return text[begins : skip_blanks(text, begins)]


def skip(text: str, at: int) -> int:
    match = WHITE.match(text, at)
    return match.end() if match else at


def skip_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    return at
