"""No bytes stop the parser: our own mails, cut and mixed at random."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.parse import data
from lambdas.shared.mail.mail import Unreadable
from lambdas.shared.mail.parse import parse

MAILS = [path.read_bytes() for path in sorted((Path(__file__).parents[4] / "mail").glob("*.eml"))]
PIECES = st.one_of(
    st.binary(max_size=20),
    st.sampled_from([b"\r\n", b"\n\n", b"--", b"=?utf-8?B?", b"?=", b'"', b"<", b"\xff", b"\x1b$B", b"Content-Type: "]),
    st.sampled_from(
        [b"text/html", b"message/rfc822", b"multipart/mixed; boundary=", b"charset=utf-7", b"<div>", b"> "]
    ),
)


@st.composite
def mutated(draw):
    raw = bytearray(draw(st.sampled_from(MAILS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        raw[at : at + draw(st.sampled_from([0, 0, 1, 5, 100]))] = draw(PIECES)
    return bytes(raw)


@given(st.one_of(st.binary(max_size=300), mutated()))
def test_any_bytes_are_a_mail_or_unreadable(raw):
    try:
        mail = parse(raw)
    except Unreadable:
        return
    json.dumps(data(mail), ensure_ascii=False).encode()
    assert mail.kind in ("mail", "bounce", "delay", "complaint", "auto-reply", "list")
    assert all(len(attachment.content) == attachment.size for attachment in mail.attachments)


@pytest.mark.parametrize("raw", [raw for raw in MAILS if b"From:" in raw])
def test_a_mail_may_be_cut_off_anywhere(raw):
    for end in range(raw.index(b"From:") + 10, len(raw), 97):
        assert parse(raw[:end]).kind
