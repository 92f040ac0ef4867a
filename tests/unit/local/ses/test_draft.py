import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.draft import read_draft
from local.ses.errors import BadRequest

RAW = b"From: a@acme.test\r\nX-Folded: one\r\n two\r\nX-Bytes: caf\xe9\r\n\r\nbody\r\n\r\nmore"


def test_what_is_read_is_written_again():
    assert read_draft(RAW).encode() == RAW


def test_bare_line_ends_become_crlf():
    assert read_draft(b"From: a@acme.test\n\nbody\n").encode() == b"From: a@acme.test\r\n\r\nbody\r\n"


def test_values_are_unfolded_and_names_any_case():
    draft = read_draft(RAW)
    assert draft.first("x-folded") == "one two"
    assert draft.first("missing") == ""
    assert draft.unfolded() == [("From", "a@acme.test"), ("X-Folded", "one two"), ("X-Bytes", "café")]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"no header at all\r\n\r\n", "This is no header"),
        (b" folded first\r\n\r\n", "This is no header"),
        (b"From: a@acme.test\r\nfrom: b@acme.test\r\n\r\n", "Duplicate header 'From'"),
        (b"From: a@acme.test\r\n\r\n" + b"x" * 999, "longer than 1000 octets"),
    ],
)
def test_what_ses_refuses(raw, message):
    with pytest.raises(BadRequest, match=message):
        read_draft(raw)


@given(st.binary(max_size=300))
def test_hostile_bytes_are_a_draft_or_a_bad_request(raw):
    try:
        draft = read_draft(raw)
    except BadRequest:
        return
    assert read_draft(draft.encode()) == draft
