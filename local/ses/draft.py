"""A message on its way out: a header block that SES edits, and a body that it leaves alone (RFC 5322 section 2)."""

import re
from dataclasses import dataclass

from local.ses.errors import BadRequest

_LINE_END = re.compile(rb"\r\n|\r|\n")
_FOLD = re.compile(r"\r\n(?=[ \t])")
_FIELD_NAME = re.compile(r"[!-9;-~]+")  # RFC 5322 section 2.2: printable ASCII without the colon
_LONGEST_LINE = 998  # RFC 5322 section 2.1.1; SES's own limit of 1,000 counts the line end
_ONCE = ("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id")  # RFC 5322 section 3.6


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Values keep their folding; bytes above ASCII are kept as Latin-1, so that encode() gives them back."""

    headers: tuple[tuple[str, str], ...]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [_FOLD.sub("", value) for key, value in self.headers if key.lower() == name.lower()]

    def first(self, name: str) -> str:
        return next(iter(self.values(name)), "")

    def unfolded(self) -> list[tuple[str, str]]:
        return [(name, _FOLD.sub("", value)) for name, value in self.headers]

    def encode(self) -> bytes:
        return header_block(self.headers) + b"\r\n" + self.body


def header_block(headers: tuple[tuple[str, str], ...]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("latin-1")


def read_draft(raw: bytes) -> Draft:
    """A raw message as the SendEmail API takes it; BadRequest where SES would not."""
    lines = _LINE_END.split(raw)
    if any(len(line) > _LONGEST_LINE for line in lines):
        raise BadRequest("A line of the message is longer than 1000 octets.")
    end = lines.index(b"") if b"" in lines else len(lines)
    draft = Draft(headers=tuple(_fields(lines[:end])), body=b"\r\n".join(lines[end + 1 :]))
    for name in _ONCE:
        if len(draft.values(name)) > 1:
            raise BadRequest(f"Duplicate header '{name.title()}'.")
    return draft


def _fields(lines: list[bytes]) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    for line in lines:
        text = line.decode("latin-1")
        name, colon, value = text.partition(":")
        if text[:1] in {" ", "\t"} and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]}\r\n{text}")
        elif colon and _FIELD_NAME.fullmatch(name.rstrip()):
            fields.append((name.rstrip(), value.removeprefix(" ")))
        else:
            raise BadRequest(f"This is no header: {text[:60]!r}")
    return fields
