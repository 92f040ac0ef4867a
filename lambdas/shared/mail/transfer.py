"""Content transfer encodings (RFC 2045 section 6) to bytes."""

import binascii
import io
import re
from collections.abc import Callable
from itertools import islice

from lambdas.shared.mail import limits

_BLOCK = 1_000_000
_UU = re.compile(rb"^begin[ -][0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_PADDING = re.compile(rb"[=\s]*")
_PIECE = re.compile(rb"[^=]+")
_FOREIGN = re.compile(rb"[^A-Za-z0-9+/=\s]")


def decode(raw: bytes, start: int, end: int, encoding: str) -> bytes:
    """The bytes that raw[start:end] encodes; what cannot be decoded is kept as it is. Never raises."""
    decoder = _DECODERS.get(encoding)
    return decoder(raw, start, end) if decoder else raw[start:end]


def _base64(raw: bytes, start: int, end: int) -> bytes:
    padding = raw.find(b"=", start, end)
    if padding >= 0:
        rest = _PADDING.match(raw, padding, end)
        after = rest.end() if rest else padding
        # Programs that encode line by line pad every line. Anything else behind the padding was added by a program on
        # the way that took the body for plain text, as list managers do with their footers.
        if after < end and not _FOREIGN.search(raw, after, end):
            out = bytearray()
            for piece in islice(_PIECE.finditer(raw, start, end), limits.PIECES):
                out += _quads(piece[0])
            return bytes(out)
        end = after
    try:
        return binascii.a2b_base64(memoryview(raw)[start:end])
    except binascii.Error:
        return _quads(raw[start:end])


def _quads(data: bytes) -> bytes:
    """What whole groups of characters there are: a cut part has an odd rest."""
    data = re.sub(rb"[^A-Za-z0-9+/]+", b"", data)
    data = data[:-1] if len(data) % 4 == 1 else data
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


def _quoted_printable(raw: bytes, start: int, end: int) -> bytes:
    """In blocks of whole lines, so that a large body does not become a list of millions of lines."""
    out = bytearray()
    while start < end:
        cut = raw.find(b"\n", min(start + _BLOCK, end), end) + 1 or end
        # Blanks at a line's end were added on the way (RFC 2045 section 6.7 rule 3) and hide a soft break.
        out += binascii.a2b_qp(b"\n".join(line.rstrip(b" \t\r") for line in raw[start:cut].split(b"\n")))
        start = cut
    return bytes(out)


def _uuencoded(raw: bytes, start: int, end: int) -> bytes:
    begin = _UU.search(raw, start, end)
    out = bytearray()
    for line in io.BytesIO(raw[begin.end() if begin else start : end]):
        if line.strip() in (b"end", b"`", b""):
            break
        out += _uu_line(line.rstrip(b"\r\n"))
    return bytes(out)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders write characters behind the length that the first character gives.
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
    try:
        return binascii.a2b_uu(line[: length + 1])
    except binascii.Error:
        return b""


_DECODERS: dict[str, Callable[[bytes, int, int], bytes]] = {
    "base64": _base64,
    "quoted-printable": _quoted_printable,
    "x-uuencode": _uuencoded,
    "uuencode": _uuencoded,
    "x-uue": _uuencoded,
}
