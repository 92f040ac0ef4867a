"""No bytes stop the parser: our own mails, cut and mixed at random."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.fuzz import broken
from bench.mutations import damaged
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
    assert not broken(raw, mail)


def test_damaged_mails_break_no_rule():
    """The first cases of `make fuzz`."""
    for case in range(1000):
        raw = damaged(MAILS, random.Random(f"1/{case}"))
        try:
            assert not broken(raw, parse(raw)), case
        except Unreadable:
            continue


def test_a_damaged_mail_is_the_same_each_time():
    assert damaged(MAILS, random.Random("2/5")) == damaged(MAILS, random.Random("2/5"))
    assert damaged(MAILS, random.Random("2/5")) != damaged(MAILS, random.Random("2/6"))


# What `make fuzz` found.


def test_addresses_have_no_control_characters():
    mail = parse(b'From: x\r\nTo: <sup\x00port@ac\x1bme.test>, "a\x01"@acme.test\r\n\r\nx')
    assert [address.email for address in mail.to] == ["support@acme.test", '"a"@acme.test']


@pytest.mark.parametrize(
    ("groups", "recipients"),
    [
        (b"Final-Recipient: rfc822;\nAction: failed\nStatus: 5.1.1\n", []),
        (b"Original-Recipient: rfc822;\nFinal-Recipient: rfc822; a@b.example\nAction: failed\n", ["a@b.example"]),
        (b"Final-Recipient: <>\nAction: failed\n\nFinal-Recipient: a@b.example\nAction: failed\n", ["a@b.example"]),
    ],
)
def test_a_failed_recipient_has_a_name(groups, recipients):
    head = b"From: mailer-daemon@b.example\nSubject: failure notice\nContent-Type: message/delivery-status\n\n"
    assert [bounced.recipient for bounced in parse(head + groups).bounces] == recipients


def test_a_field_of_failed_recipients_may_name_nobody():
    assert parse(b"X-Failed-Recipients: Mia\nFrom: x\n\nNo text.").bounces == ()


@pytest.mark.parametrize("raw", [raw for raw in MAILS if b"From:" in raw])
def test_a_mail_may_be_cut_off_anywhere(raw):
    for end in range(raw.index(b"From:") + 10, len(raw), 97):
        assert parse(raw[:end]).kind
