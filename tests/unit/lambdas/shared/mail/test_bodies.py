"""Which parts are the text, and which are attachments."""

import pytest

from lambdas.shared.mail.parse import parse


def mail(kind, *parts):
    head = f"From: mia@example.org\nContent-Type: multipart/{kind}; boundary=b\n\n"
    return parse((head + "".join(f"--b\n{part}\n" for part in parts) + "--b--\n").encode())


PLAIN, HTML = "Content-Type: text/plain\n\nplain", "Content-Type: text/html\n\n<p>html</p>"
EMPTY = "Content-Type: text/plain\n\n \n"
NAMED = 'Content-Type: text/plain; name="notes.txt"\n\nnotes'
INLINE = 'Content-Type: text/plain; name="shown.txt"\nContent-Disposition: inline\n\nshown'
ATTACHED = "Content-Type: text/plain\nContent-Disposition: attachment\n\nattached"
PICTURE = "Content-Type: image/png\nContent-ID: <p@example.org>\n\npng"
CALENDAR = "Content-Type: text/calendar\n\nBEGIN:VCALENDAR"
INNER = "Content-Type: multipart/related; boundary=i\n\n--i\n" + HTML + "\n--i\n" + PICTURE + "\n--i--"


@pytest.mark.parametrize(
    ("kind", "parts", "text", "html", "attachments"),
    [
        ("alternative", [PLAIN, HTML], "plain", "<p>html</p>", []),
        ("alternative", [EMPTY, HTML], "html", "<p>html</p>", []),
        ("alternative", [HTML], "html", "<p>html</p>", []),
        ("alternative", [PLAIN, INNER], "plain", "<p>html</p>", [("", "image/png", True)]),
        ("alternative", [PLAIN, HTML, CALENDAR], "plain", "<p>html</p>", [("", "text/calendar", False)]),
        ("mixed", [PLAIN, NAMED], "plain", None, [("notes.txt", "text/plain", False)]),
        ("mixed", [PLAIN, INLINE], "plain\nshown", None, []),
        ("mixed", [PLAIN, ATTACHED], "plain", None, [("", "text/plain", False)]),
        ("mixed", [PLAIN, PICTURE, PLAIN], "plain\nplain", None, [("", "image/png", False)]),
        ("related", [HTML, PICTURE], "html", "<p>html</p>", [("", "image/png", True)]),
        ("unheard-of", [PLAIN, PICTURE], "plain", None, [("", "image/png", False)]),
        ("mixed", [PICTURE], None, None, [("", "image/png", False)]),
    ],
)
def test_what_is_read_and_what_is_attached(kind, parts, text, html, attachments):
    found = mail(kind, *parts)
    assert (found.text, found.html) == (text, html)
    assert [(a.filename, a.content_type, a.inline) for a in found.attachments] == attachments


def test_a_multipart_without_parts_shows_its_text():
    assert parse(b"Content-Type: multipart/mixed; boundary=b\n\nonly text").text == "only text"


def test_a_text_of_an_unknown_charset_is_shown_as_well_as_can_be():
    assert parse("Content-Type: text/plain; charset=x-none\n\nZürich".encode()).text == "Zürich"
