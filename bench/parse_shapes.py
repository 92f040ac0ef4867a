"""Mails of 40 MB in the shapes that cost a parser most memory."""

from __future__ import annotations

from collections.abc import Callable

from lambdas.shared.mail import limits

HEAD = b"From: mia@example.org\nTo: support@acme.test\nSubject: x\nMIME-Version: 1.0\n"
_BASE64 = b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
_MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=a\n\n"
_LINE = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n"
_REPORT = (
    HEAD + b"Content-Type: multipart/report; report-type=delivery-status; boundary=a\n\n--a\n\nnot delivered\n--a\n"
)


def mail(shape: str, size: int = limits.BYTES) -> bytes:
    """A mail of that shape and at most that size."""
    head, unit = SHAPES[shape](size)
    return (head + unit * ((size - len(head)) // len(unit)))[:size]


def _text(charset: bytes, unit: bytes, kind: bytes = b"plain") -> Callable[[int], tuple[bytes, bytes]]:
    head = HEAD + b"Content-Type: text/%s; charset=%s\nContent-Transfer-Encoding: 8bit\n\n" % (kind, charset)
    return lambda _: (head, unit)


def _encoded(encoding: bytes, unit: bytes) -> Callable[[int], tuple[bytes, bytes]]:
    head = HEAD + b"Content-Type: image/png\nContent-Transfer-Encoding: %s\n\n" % encoding
    return lambda _: (head, unit)


def _parts(header: bytes, line: bytes, count: int = limits.PARTS) -> Callable[[int], tuple[bytes, bytes]]:
    def shape(size: int) -> tuple[bytes, bytes]:
        room = size // count - len(header) - 10
        return _MIXED, b"--a\n" + header + line * (room // len(line)) + b"\n"

    return shape


def _nested(_: int) -> tuple[bytes, bytes]:
    levels = (b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(limits.DEPTH - 1))
    return HEAD + b"".join(levels) + _BASE64, _LINE


def _headers(_: int) -> tuple[bytes, bytes]:
    """Parts of nothing but header fields, each with a character that makes all of them wide in memory."""
    field = b"X-Filler: " + "😀".encode() + b"x" * 60_000 + b"\n"
    return _MIXED, b"--a\n" + field * 16 + b"\n\n"


# Each gives (how the mail starts, what comes again and again).
SHAPES: dict[str, Callable[[int], tuple[bytes, bytes]]] = {
    "one base64 attachment": lambda _: (_MIXED + b"--a\n" + _BASE64, _LINE),
    "base64 padded line by line": _encoded(b"base64", b"QQ==\r\n"),
    "base64 with foreign characters": _encoded(b"base64", b"QUJDREVG!\n"),
    "quoted-printable attachment": _encoded(b"quoted-printable", b"=41=42=43 text and text and text =\n"),
    "uuencoded attachment": _encoded(b"x-uuencode", b"M04%!04%!04%!04%!04%!04%!04%!04%!04%!04%!04%!04%!04%!04%!\n"),
    "binary attachment": _encoded(b"binary", b"\x00\xff" * 1000),
    "500 attachments": _parts(_BASE64, _LINE),
    "500 texts": _parts(b"Content-Type: text/plain; charset=utf-8\n\n", "Grüße, 日本 😀\n".encode()),
    "500 pages": _parts(b"Content-Type: text/html; charset=utf-8\n\n", "<p>Grüße, <b>日本</b> 😀</p>\n".encode()),
    "attachment 100 multiparts deep": _nested,
    "ASCII text": _text(b"us-ascii", b"A line of text as people write it.\n"),
    "text of wide characters": _text(b"utf-8", "Grüße aus 日本 😀\n".encode()),
    "Latin text": _text(b"iso-8859-1", b"Gr\xfc\xdfe aus Z\xfcrich\n"),
    "Japanese text": _text(b"iso-2022-jp", b"\x1b$B$3$s\x1b(B\n"),
    "UTF-7 text": _text(b"utf-7", b"+2D3cAA- x\n"),
    "quoted text": _text(b"utf-8", b"> > quoted 12:00 wrote:\n"),
    "page of paragraphs": _text(b"utf-8", "<p>Grüße, <b>日本</b> 😀</p>\n".encode(), b"html"),
    "page of line breaks in quotations": lambda _: (
        HEAD + b"Content-Type: text/html; charset=utf-8\n\n" + b"<blockquote type=cite>" * 100 + "😀".encode(),
        b"<br>",
    ),
    "page of nested elements": _text(b"utf-8", b"<div><b>x", b"html"),
    "header fields": lambda _: (HEAD, b"X-Filler: x\n"),
    "parts of header fields": _headers,
    "notice that encloses a report": lambda _: (
        HEAD.replace(b"mia@", b"mailer-daemon@") + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n"
        b"not delivered\n--b\nContent-Type: message/rfc822\n\n" + _REPORT + _BASE64, _LINE,
    ),
    "a mail in a mail": lambda _: (_MIXED + b"--a\nContent-Type: message/rfc822\n\n" + HEAD + _BASE64, _LINE),
    "returned mail": lambda _: (
        _REPORT.replace(b"mia@", b"mailer-daemon@") + b"Content-Type: message/rfc822\n\n" + HEAD + _BASE64, _LINE,
    ),
    "delivery status": lambda _: (
        _REPORT + b"Content-Type: message/delivery-status\n\n",
        b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n",
    ),
    "notice in plain text": lambda _: (
        HEAD.replace(b"mia@", b"mailer-daemon@") + b"\nundelivered\n", b"<a@b.example>: 550 5.1.1 no such user\n",
    ),
}  # fmt: skip
