"""The header of a mail or of one of its parts: fields, their values and parameters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from lambdas.shared.mail import charset, limits, words

# RFC 5322 section 2.2: printable ASCII without the colon; programs put blanks before the colon (section 4.5.1).
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_EMPTY = re.compile(rb"\n\r?\n")
_PARAMETER = re.compile(r';\s*([^=;\s"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_COMMENT = re.compile(r"\([^()\"]{0,500}\)")
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?$")


@dataclass(slots=True)
class Fields:
    """Header fields in their order: names in lower case, values with their folds, not decoded.

    `charset` is what 8-bit values that are no UTF-8 are read in: programs that write them do it in the body's charset.
    """

    items: tuple[tuple[str, str], ...]
    charset: str | None = None

    def raw(self, name: str) -> str | None:
        """The first value as it is written."""
        name = name.lower()
        return next((self._whole(value) for key, value in self.items if key == name), None)

    def every(self, name: str) -> list[str]:
        """All values of a field as they are written."""
        name = name.lower()
        return [self._whole(value) for key, value in self.items if key == name]

    def _whole(self, value: str) -> str:
        if value.isascii():
            return value
        return charset.decode(value.encode("utf-8", "surrogateescape"), self.charset)

    def text(self, name: str) -> str | None:
        """The first value as a person reads it."""
        value = self.raw(name)
        return None if value is None else words.decode(value)

    def token(self, name: str) -> str:
        """The value before parameters and comments, in lower case: `Content-Type: Text/Plain; ...` -> text/plain."""
        return _COMMENT.sub("", (self.raw(name) or "").partition(";")[0]).strip().lower()

    def parameters(self, name: str) -> dict[str, str]:
        """The parameters of a structured field, decoded (RFC 2045, 2231, and words where they should not be)."""
        return parameters(self.raw(name) or "")


def read(raw: bytes, start: int, end: int) -> tuple[Fields, int]:
    """The header that starts at `start`, and where the body after it starts.

    A line that is no field ends the header as an empty line does: what follows is read as body rather than lost.
    """
    items: list[tuple[str, bytearray]] = []
    position = start
    while position < end:
        if len(items) > limits.FIELDS or position - start > limits.HEADER:
            found = _EMPTY.search(raw, position - 1, end)
            position = found.end() if found else end
            break
        line_end = raw.find(b"\n", position, end)
        line_end = end if line_end < 0 else line_end + 1
        if raw.startswith((b"\n", b"\r\n"), position):
            position = line_end
            break
        if raw[position] in b" \t" and items:
            _extend(items[-1][1], raw, position, line_end)
        elif found := _FIELD.match(raw, position, min(line_end, position + 260)):
            items.append((found[1].decode("ascii").lower(), bytearray()))
            _extend(items[-1][1], raw, found.end(), line_end)
        elif not _mbox(raw, position, first=not items):
            break
        position = line_end
    return Fields(tuple((name, _text(value)) for name, value in items[: limits.FIELDS])), position


def _text(value: bytearray) -> str:
    """Header fields are ASCII (RFC 5322), UTF-8 (RFC 6532), or what the sender's machine uses, kept as surrogates."""
    return value.decode("utf-8", "surrogateescape").strip()


def _extend(value: bytearray, raw: bytes, start: int, end: int) -> None:
    room = limits.FIELD - len(value)
    if room > 0:
        value += raw[start : min(end, start + room)]


def _mbox(raw: bytes, position: int, *, first: bool) -> bool:
    """Mail stores put a line "From address date" before the header, or ">From " after forwarding (RFC 4155)."""
    return raw.startswith(b"From ", position) if first else raw.startswith(b">From ", position)


def parameters(value: str) -> dict[str, str]:
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for name, written in _pairs(value):
        found = _SECTION.match(name)
        if found:
            key, number, encoded = found[1].lower(), int(found[2] or 0), found[3] is not None
            sections.setdefault(key, []).append((number, encoded, written))
    return {name: _join(pieces) for name, pieces in sections.items()}


def _pairs(value: str) -> Iterator[tuple[str, str]]:
    for found in _PARAMETER.finditer(value):
        name, written = found[1], found[2]
        if written.startswith('"'):
            written = re.sub(r"\\([\"\\])", r"\1", written[1:].removesuffix('"'))
        else:
            written = written.strip()
        yield name, written


def _join(pieces: list[tuple[int, bool, str]]) -> str:
    """One value from its sections (RFC 2231 section 3). An encoded value wins over a plain one of the same name,
    which programs add for readers that know no RFC 2231."""
    if any(encoded for _, encoded, _ in pieces):
        numbers = {number for number, encoded, _ in pieces if encoded}
        pieces = [piece for piece in pieces if piece[1] or piece[0] not in numbers]
    elif len({number for number, _, _ in pieces}) == 1:
        return words.decode(pieces[0][2])
    pieces = sorted(pieces, key=lambda piece: piece[0])
    label = None
    data = bytearray()
    for index, (_, encoded, written) in enumerate(pieces):
        if encoded and index == 0 and written.count("'") >= 2:
            label, _, written = written.split("'", 2)
        data += unquote_to_bytes(written) if encoded else written.encode("utf-8", "replace")
    return words.decode(charset.decode(bytes(data), label))
