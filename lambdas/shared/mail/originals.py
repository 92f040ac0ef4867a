"""The mail that a machine's report is about."""

import re

from lambdas.shared.mail import dsn, fields, limits
from lambdas.shared.mail.fields import Fields
from lambdas.shared.mail.parts import Part

_IN_TEXT = re.compile(r"^>?[ \t]*Message-ID:[ \t]*<[^<>\s]{1,998}>", re.IGNORECASE | re.MULTILINE)
_QUOTED = re.compile(r"^>[ \t]?", re.MULTILINE)
_EMPTY = re.compile(r"\n>?[ \t]*\n")
_REPORTS = ("bounce", "delay", "complaint")


def header(raw: bytes, root: Part, kind: str, text: str) -> Fields | None:
    """The header of the mail that a bounce, delay or complaint gives back, or of which its text shows as much."""
    if kind not in _REPORTS and kind != "auto-reply":
        return None
    for part in dsn.find(root, dsn.RETURNED):
        found, _ = fields.read(raw, part.start, part.end)
        if found.raw("Message-ID"):
            return found
    return _shown(text[: limits.REPORT]) if kind in _REPORTS else None


def message_id(raw: bytes, root: Part, kind: str, original: Fields | None) -> str | None:
    """The Message-ID, as written, of the mail that a bounce, delay, complaint or receipt is about."""
    for part in dsn.find(root, dsn.DISPOSITION) if kind in (*_REPORTS, "auto-reply") else ():
        for group in dsn.groups(raw, part):
            if named := group.raw("Original-Message-ID"):
                return named
    return original.raw("Message-ID") if original else None


def _shown(text: str) -> Fields | None:
    """The fields around a Message-ID, or else from there on, up to an empty line."""
    found = _IN_TEXT.search(text)
    if not found:
        return None
    before = [empty.end() for empty in _EMPTY.finditer(text, 0, found.start() + 1)]
    after = _EMPTY.search(text, found.end())
    end = after.start() if after else len(text)
    around = _read(text[before[-1] if before else 0 : end])
    return around if around.raw("Message-ID") else _read(text[found.start() : end])


def _read(shown: str) -> Fields:
    block = _QUOTED.sub("", shown).encode("utf-8", "replace")
    return fields.read(block, 0, len(block))[0]
