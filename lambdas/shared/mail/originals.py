"""The mail that a machine's report is about."""

import re

from lambdas.shared.mail import dsn, fields, limits
from lambdas.shared.mail.parts import Part

_IN_TEXT = re.compile(r"^>?[ \t]*Message-ID:[ \t]*(<[^<>\s]{1,998}>)", re.IGNORECASE | re.MULTILINE)


def message_id(raw: bytes, root: Part, kind: str, text: str) -> str | None:
    """The Message-ID, as written, of the mail that a bounce, delay, complaint or receipt is about."""
    if kind not in ("bounce", "delay", "complaint", "auto-reply"):
        return None
    for part in dsn.find(root, dsn.DISPOSITION):
        for group in dsn.groups(raw, part):
            if named := group.raw("Original-Message-ID"):
                return named
    for part in dsn.find(root, dsn.RETURNED):
        header, _ = fields.read(raw, part.start, part.end)
        if named := header.raw("Message-ID"):
            return named
    found = None if kind == "auto-reply" else _IN_TEXT.search(text[: limits.REPORT])
    return found[1] if found else None
