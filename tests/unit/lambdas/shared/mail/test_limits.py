"""Where reading stops, and that it takes linear time and little memory to get there."""

import time
import tracemalloc

import pytest

from lambdas.shared.mail.mail import Unreadable
from lambdas.shared.mail.parse import parse

HEAD = b"From: mia@example.org\nTo: support@acme.test\nSubject: x\nMIME-Version: 1.0\n"
TEXT = HEAD + b"Content-Type: text/plain; charset=utf-8\n\n"
HTML = HEAD + b"Content-Type: text/html; charset=utf-8\n\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=a\n\n"
DAEMON = b"From: mailer-daemon@example.org\nSubject: failure notice\n\nundelivered\n"
QP = HEAD + b"Content-Type: image/png\nContent-Transfer-Encoding: quoted-printable\n\n"
BASE64 = HEAD + b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
UU = HEAD + b"Content-Type: image/png\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n"
FLOWED = HEAD + b"Content-Type: text/plain; format=flowed\n\n"

ENCLOSED = (
    b"From: mailer-daemon@example.org\nSubject: failure notice\nContent-Type: multipart/mixed; boundary=b\n\n"
    b"--b\n\nnot delivered\n--b\nContent-Type: message/rfc822\n\n"
    b"Content-Type: multipart/report; boundary=a\n\n--a\nContent-Type: message/delivery-status\n\n"
    b"Final-Recipient: rfc822; mia@example.org\nAction: failed\n\n--a\nContent-Type: message/rfc822\n\n"
)


def nested(boundaries):
    levels = (b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in boundaries)
    return HEAD + b"".join(levels) + b"\nx\n"


@pytest.mark.parametrize(
    "raw", [b"", b" \r\n\t\r\n", b"Received: from x\r\nX-Spam: no\r\n", b"Received: from x\r\n\r\n \r\n"]
)
def test_no_mail_at_all_is_unreadable(raw):
    with pytest.raises(Unreadable):
        parse(raw)


def test_more_than_40_mb_is_unreadable():
    with pytest.raises(Unreadable, match="41943041 bytes"):
        parse(TEXT.ljust(40 * 1024 * 1024 + 1, b"x"))


@pytest.mark.parametrize(
    "raw", [b"x", b"\x00", b"Hello, no header", b"Subject: x", b":", b"From:\n\n", b"Received: x\n\nbody"]
)
def test_anything_else_is_a_mail(raw):
    assert parse(raw).kind == "mail"


def test_parts_after_the_500th_are_not_read():
    mail = parse(MIXED + b"--a\nContent-Type: image/png\n\nx\n" * 600)
    assert len(mail.attachments) == 499
    assert mail.reasons == ("more than 500 parts: the rest was not read",)


def test_parts_deeper_than_100_are_kept_whole():
    mail = parse(nested(range(150)))
    assert mail.reasons == ("parts nested more than 100 deep: the inner ones were kept as an attachment",)
    assert [attachment.content_type for attachment in mail.attachments] == ["application/octet-stream"]


def test_text_is_cut_where_nobody_reads_on():
    mail = parse(TEXT + b"line\n" * 1_200_000)
    assert len(mail.text) == 5_000_000
    assert mail.reasons == ("text of more than 5000000 bytes: the rest was not read",)


@pytest.mark.parametrize("kind", [b"plain", b"html"])
def test_many_texts_are_cut_as_one_is(kind):
    part = b"--a\nContent-Type: text/" + kind + b"; charset=utf-8\n\n" + "😀 日本\n".encode() * 50_000
    mail = parse(MIXED + part * 20)
    assert 5_000_000 - 100 < len((mail.text if kind == b"plain" else mail.html).encode()) <= 5_000_020
    assert mail.reasons == ("text of more than 5000000 bytes: the rest was not read",)


def test_parts_behind_too_many_header_fields_are_not_read():
    mail = parse(MIXED + (b"--a\nContent-Type: image/png\n" + (b"X: " + b"x" * 60_000 + b"\n") * 16 + b"\n") * 20)
    assert len(mail.attachments) == 6
    assert mail.reasons == ("more than 5000000 bytes of header fields: the rest was not read",)


def test_a_page_does_not_grow_to_more_text_than_is_read_of_it():
    mail = parse(HTML + b"<blockquote type=cite>" * 60 + b"<br>" * 200_000)
    assert len(mail.text) < 1_001_000


def test_a_field_is_cut():
    mail = parse(b"Subject: " + b"x" * 100_000 + b"\nFrom: mia@example.org\n\nx")
    assert len(mail.subject) < 65_536
    assert mail.sender.email == "mia@example.org"


def test_fields_after_the_1000th_are_not_read_but_the_text_is():
    mail = parse(b"X: y\n" * 1000 + b"Subject: late\n\ntext")
    assert (mail.subject, mail.text) == ("", "text")


def test_a_report_in_a_notice_is_found_however_much_comes_back():
    mail = parse(ENCLOSED + b"x" * 2_000_000)
    assert [bounced.recipient for bounced in mail.bounces] == ["mia@example.org"]


HOSTILE = {
    "lines of two dashes": lambda n: MIXED + b"--\n" * (n // 3),
    "lines like delimiters": lambda n: nested(range(99)) + b"--b\n" * (n // 4),
    "parts": lambda n: MIXED + b"--a\n\nx\n" * (n // 7),
    "nested parts": lambda n: nested(range(n // 60)),
    "fields": lambda n: b"X: y\n" * (n // 5) + b"\nx",
    "one long field": lambda n: b"Subject: " + b"x" * n + b"\n\nx",
    "folds": lambda n: b"Subject: " + b"x\n " * (n // 3) + b"\n\nx",
    "unfinished words": lambda n: b"Subject: " + b"=?utf-8?Q?a" * (n // 11) + b"\n\nx",
    "open comments": lambda n: b"From: " + b"(" * n + b"\n\nx",
    "open quotes": lambda n: b"From: " + b'"\\' * (n // 2) + b"\n\nx",
    "open brackets": lambda n: b"From: " + b"<" * n + b"\n\nx",
    "parameters": lambda n: b"Content-Type: text/plain" + b"; a=b" * (n // 5) + b"\n\nx",
    "blanks": lambda n: TEXT + b" " * n,
    "empty lines": lambda n: TEXT + b"\n" * n,
    "quotes": lambda n: TEXT + b"> a\n" * (n // 4),
    "introductions": lambda n: TEXT + b"On Mon 12:00\n" * (n // 13),
    "long introductions": lambda n: TEXT + (b"a " * 400 + b"wrote:\n") * (n // 807),
    "copied headers": lambda n: TEXT + b"From: a\n\n" * (n // 9),
    "delimiters of signatures": lambda n: TEXT + b"-- \n" * (n // 4),
    "closings": lambda n: TEXT + b"Thanks,\n" * (n // 8),
    "flowed lines": lambda n: FLOWED + b"a \n" * (n // 3),
    "nested elements": lambda n: HTML + b"<div>" * (n // 5),
    "unclosed formatting": lambda n: HTML + b"<font><p>x" * (n // 10),
    "links": lambda n: HTML + b'<a href="http://x.example/z">x</a>' * (n // 34),
    "half tags": lambda n: HTML + b"<" * n,
    "comments": lambda n: HTML + b"<!--" * (n // 4),
    "attributions": lambda n: HTML + b'<div class="gmail_attr"></div> ' * (n // 31) + b"<blockquote>",
    "soft breaks": lambda n: QP + b"=\n" * (n // 2),
    "blanks before a line end": lambda n: QP + b" " * n + b"\nx",
    "paddings": lambda n: BASE64 + b"YQ==\n" * (n // 5),
    "short lines": lambda n: UU + b"#YQ==\n" * (n // 6),
    "shifts": lambda n: HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + b"\x1b$B!!" * (n // 5),
    "recipients": lambda n: DAEMON + b"<a@example.org>:\n" * (n // 17),
    "half addresses": lambda n: DAEMON + b"to a.a.a.a.a.a.a.a@" * (n // 19),
    "letters of addresses": lambda n: DAEMON + b"!" * n,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_mail_takes_linear_time(kind):
    """Half a megabyte in two seconds: what took the square of its size took minutes."""
    raw = HOSTILE[kind](500_000)
    start = time.process_time()
    parse(raw)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("raw", "most"),
    [
        (MIXED + b"--a\n" + BASE64[len(HEAD) :] + b"QUJDREVGR0hJSktM\r\n" * 800_000, 14_400_000),
        (TEXT + "Grüße aus 日本 😀\n".encode() * 300_000, 80_000_000),
        (HTML + b"<p>x <b>y</b></p>\n" * 300_000, 80_000_000),
        (UU + b"#YQ==\n" * 100_000, 1_400_000),
    ],
    ids=["attachment", "text", "HTML", "uuencoded"],
)
def test_memory_stays_within_three_times_the_largest_mail(raw, most):
    """Beside the mail itself: twice its size for attachments, and for text never more than twice the largest mail."""
    tracemalloc.start()
    try:
        parse(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < most
