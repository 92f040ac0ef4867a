"""Ways to damage a mail, as networks, gateways and enemies do. Each takes a mail and gives another."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

LONGEST = 60_000  # bytes of a damaged mail: time is linear in them (tests/.../test_limits.py shows it for larger ones)
_FIELD = re.compile(rb"^([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]*([^\r\n]*)", re.MULTILINE)
_VALUES = (
    b"multipart/mixed; boundary=a", b"multipart/alternative", b"multipart/report; report-type=delivery-status",
    b"message/rfc822", b"message/delivery-status", b"message/feedback-report", b"message/partial; number=1",
    b"message/disposition-notification", b"text/html; charset=utf-7", b"text/html; charset=utf-16", b"text/plain",
    b"text/plain; format=flowed; delsp=yes", b"text/plain; charset=iso-2022-jp", b"text/plain; charset=gb18030",
    b"text/plain; charset=hz", b"text/plain; charset=cp037", b"text/plain; charset=idna", b"application/ms-tnef",
    b"text/plain; name*0*=utf-8''%; name*1=x; name*999=y", b"base64", b"quoted-printable", b"x-uuencode", b"binary",
    b"attachment; filename*=iso-2022-jp'ja'%1B%24B", b"=?utf-8?B?////?=", b"=?utf-7?Q?+2AA-?=", b"<>", b"\"\\",
    b"(((((((", b"@a,@b:c@d", b"Mon, 99 Foo 99999 99:99:99 +9999", b"Tue, 1 Jan 0001 00:00:00 +2359", b"<a@b> <c@d>",
    b"mailer-daemon@", b"failure notice", b"auto-replied", b"rfc822;", b"failed", b"5.1.1 (x) 4.2.2", b"\x00\xff\xfe",
)  # fmt: skip
_PIECES = (
    b"\r\n", b"\n", b"\r", b"\n\n", b"\r\n\r\n", b"--", b"\n--a\n", b"\n--a--\n", b"=?utf-8?Q?", b"?=", b'"', b"<",
    b">", b"(", b"\\", b";", b":", b"=", b"=\n", b"=3D", b"=ED=A0=80",
    b"\x00", b"\x01", b"\x02", b"\xff", b"\xed\xa0\x80",
    b"\xc2\x85", b"\xe2\x80\xa8", b"\x1b$B", b"\x1b(J", b"\x1b$B!", b"~{", b"+2D3-", b"&#xD800;", b"&#0;", b"&#x1F600;",
    b"<div>", b"</div>", b"<blockquote>", b"<blockquote type=cite>", b"<font>", b"<table><td>", b"<svg><p>", b"<pre>",
    b"<!--", b"<![CDATA[", b"<script>", b"<template>", b"<plaintext>", b'<div class="gmail_quote">', b"<br>", b"> ",
    b"On Mon, 3 Nov 2026 at 12:00, A <a@b.c> wrote:\n", b"\nFrom: a\nTo: b\nSubject: c\n", b"-- \n", b"begin 644 x\n",
    b"\n-----Original Message-----\n", b"\nFinal-Recipient: rfc822; a@b.c\nAction: failed\nStatus: 5.1.1\n\n",
    b"\n<a@b.c>:\n550 5.1.1 unknown\n", b"\n--- Below this line is a copy of the message.\n", b"=?x?B??=",
    b"\xef\xbb\xbf",
)  # fmt: skip


def damaged(mails: list[bytes], choose: random.Random) -> bytes:
    """One of the mails with one to eight damages; the same for the same state of `choose`."""
    raw = choose.choice(mails)
    for _ in range(choose.choice((1, 1, 2, 3, 5, 8))):
        raw = choose.choice(_DAMAGES)(raw, mails, choose)[:LONGEST]
    return raw


def _span(raw: bytes, choose: random.Random, most: int = 2000) -> tuple[int, int]:
    start = choose.randint(0, len(raw))
    return start, min(len(raw), start + choose.choice((1, 2, 8, 60, 400, most)))


def _insert(raw: bytes, _: list[bytes], choose: random.Random) -> bytes:
    at, _end = _span(raw, choose)
    return raw[:at] + choose.choice(_PIECES) + raw[at:]


def _delete(raw: bytes, _: list[bytes], choose: random.Random) -> bytes:
    start, end = _span(raw, choose)
    return raw[:start] + raw[end:]


def _bytes(raw: bytes, _: list[bytes], choose: random.Random) -> bytes:
    out = bytearray(raw)
    for _again in range(choose.choice((1, 3, 30))):
        if out:
            out[choose.randrange(len(out))] = choose.choice((choose.randrange(256), 0, 10, 13, 27, 32, 45, 61, 255))
    return bytes(out)


def _cut(raw: bytes, _: list[bytes], choose: random.Random) -> bytes:
    at = choose.randint(0, len(raw))
    return raw[:at] if choose.random() < 0.8 else raw[at:]


def _repeat(raw: bytes, _: list[bytes], choose: random.Random) -> bytes:
    start, end = _span(raw, choose)
    return raw[:end] + raw[start:end] * choose.choice((1, 2, 20, 300)) + raw[end:]


def _flood(raw: bytes, _: list[bytes], choose: random.Random) -> bytes:
    at, _end = _span(raw, choose)
    return raw[:at] + choose.choice(_PIECES) * choose.choice((10, 100, 1000)) + raw[at:]


def _splice(raw: bytes, mails: list[bytes], choose: random.Random) -> bytes:
    other = choose.choice(mails)
    start, end = _span(other, choose, 20_000)
    at, _end = _span(raw, choose)
    return raw[:at] + other[start:end] + raw[at:]


def _enclose(raw: bytes, mails: list[bytes], choose: random.Random) -> bytes:
    """A mail in a mail, as forwarding and bouncing do."""
    kind = choose.choice((b"mixed", b"report; report-type=delivery-status", b"digest", b"related", b"alternative"))
    inner = choose.choice(mails)
    head = raw.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0][:2000]
    opened = b"%s\nContent-Type: multipart/%s; boundary=zz\n\n--zz\n\nx\n--zz\n" % (head, kind)
    return opened + b"Content-Type: message/rfc822\n\n" + inner + b"\n--zz--\n"


def _value(raw: bytes, _: list[bytes], choose: random.Random) -> bytes:
    """A field of the header, or of a part's, says something else."""
    fields = list(_FIELD.finditer(raw))
    if not fields:
        return choose.choice(_VALUES) + raw
    field = choose.choice(fields)
    return raw[: field.start(2)] + choose.choice(_VALUES) + raw[field.end(2) :]


def _moved_value(raw: bytes, mails: list[bytes], choose: random.Random) -> bytes:
    """A field says what some field of another mail says."""
    fields, others = list(_FIELD.finditer(raw)), list(_FIELD.finditer(choose.choice(mails)))
    if not fields or not others:
        return raw
    field = choose.choice(fields)
    return raw[: field.start(2)] + choose.choice(others)[2] + raw[field.end(2) :]


def _added_field(raw: bytes, _: list[bytes], choose: random.Random) -> bytes:
    name = choose.choice(
        (b"Content-Type", b"Content-Transfer-Encoding", b"Content-Disposition", b"From", b"Subject", b"Auto-Submitted")
    )
    return name + b": " + choose.choice(_VALUES) + b"\n" + raw


def _line_ends(raw: bytes, _: list[bytes], choose: random.Random) -> bytes:
    return raw.replace(
        *choose.choice(((b"\r\n", b"\n"), (b"\r\n", b"\r"), (b"\n", b"\r\n"), (b"\n", b""), (b"\n", b"\n\n")))
    )


_DAMAGES: tuple[Callable[[bytes, list[bytes], random.Random], bytes], ...] = (
    _insert, _insert, _delete, _bytes, _cut, _repeat, _flood, _splice, _splice, _enclose, _value, _value, _moved_value,
    _added_field, _line_ends,
)  # fmt: skip
