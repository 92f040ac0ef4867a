"""The documents in a file that a mail brings: XML or JSON, as they are or packed by gzip or zip, whatever the file says
that it is."""

from __future__ import annotations

import io
import struct
import zlib

from lambdas.shared.aggregates import limits
from lambdas.shared.aggregates.report import Malformed, TooLarge

GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
BLANKS, BOMS = b" \t\r\n\x00", (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
ENCRYPTED = 0x1  # of a zip member's flags (PKWARE's APPNOTE, section 4.4.4)
OF_FINDER = "__MACOSX/"  # what macOS adds to its zips


def may_be(content: bytes) -> bool:
    """Whether there may be documents in a file."""
    return content.startswith((GZIP, *ZIP)) or is_document(content)


def documents(content: bytes, room: int) -> list[bytes]:
    """The documents in a file, of at most `room` bytes. TooLarge, Malformed."""
    packed = content.startswith((GZIP, *ZIP))
    if packed and len(content) > limits.PACKED:
        raise TooLarge(f"{len(content)} bytes are more than the {limits.PACKED} that a packed report may have")
    if not packed:
        found = [content]
    elif content.startswith(GZIP):
        found = [_gzip(content, room)]
    else:
        found = _zip(content, room)
    for document in found:
        _check(document)
    if sum(map(len, found)) > room:
        raise _more(room)
    return found


def is_document(content: bytes) -> bool:
    """Whether this begins as XML or JSON does."""
    start = content[:1000]
    for bom in BOMS:
        start = start.removeprefix(bom)
    return start.lstrip(BLANKS)[:1] in (b"<", b"{")


def _check(document: bytes) -> None:
    if document.startswith((GZIP, *ZIP)):
        raise Malformed("an archive within an archive is not read")
    if not is_document(document):
        raise Malformed(f"neither XML nor JSON is packed in it, but {document[:20]!r}")


def _gzip(content: bytes, room: int) -> bytes:
    """The first stream: programs leave bytes behind it, and RFC 1952 allows more streams, which none writes."""
    most = _most(len(content), room)
    stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        found = stream.decompress(content, most + 1)
    except zlib.error as error:
        raise Malformed(f"damaged gzip: {error}") from None
    if len(found) > most:
        raise _more(most)
    if not stream.eof:
        raise Malformed("damaged gzip: it was cut off")
    return found


def _zip(content: bytes, room: int) -> list[bytes]:
    from zipfile import BadZipFile, ZipFile, ZipInfo  # takes 8 ms, which few mails need

    def read(archive: ZipFile, member: ZipInfo, most: int) -> bytes:
        if member.flag_bits & ENCRYPTED or member.compress_type not in (0, 8):
            raise Malformed("a file in the zip is encrypted, or packed by another method than deflate")
        with archive.open(member) as file:
            found = file.read(most + 1)
        if len(found) > most:
            raise _more(most)
        return found

    try:
        with ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if _is_file(member.filename)]
            if len(members) > limits.DOCUMENTS:
                raise TooLarge(f"a zip of {len(members)} files; {limits.DOCUMENTS} at most are read")
            found: list[bytes] = []
            for member in members:
                left = _most(member.compress_size, room - sum(map(len, found)))
                found.append(read(archive, member, left))
            return found
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, struct.error, OSError) as error:
        raise Malformed(f"damaged zip: {error}") from None


def _is_file(name: str) -> bool:
    return not name.endswith("/") and not name.startswith(OF_FINDER)


def _most(packed: int, room: int) -> int:
    return max(0, min(room, max(limits.SMALL, limits.RATIO * packed)))


def _more(most: int) -> TooLarge:
    return TooLarge(f"it unpacks to more than {most} bytes")
