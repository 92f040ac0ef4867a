import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.mail.transfer import decode


@pytest.mark.parametrize(
    ("data", "encoding", "expected"),
    [
        (b"aGVsbG8=\r\n", "base64", b"hello"),
        (b"aGVs\r\n bG8=", "base64", b"hello"),
        (b"aGVsbG8", "base64", b"hello"),
        (b"aGVsbG8gdw", "base64", b"hello w"),
        (b"aGVsbG8gd", "base64", b"hello "),
        (b"aGU=\naGU=\n", "base64", b"hehe"),
        (b"aGVsbG8=\n-- \nfooter of a list!", "base64", b"hello"),
        (b"caf=C3=A9 =\r\nopen", "quoted-printable", "café open".encode()),
        (b"a=  \nb", "quoted-printable", b"ab"),
        (b"a=3", "quoted-printable", b"a=3"),
        (b"a = b", "quoted-printable", b"a = b"),
        (b"begin 644 x\n%:&5L;&\\\nend\n", "x-uuencode", b"hello"),
        (b"as it is", "7bit", b"as it is"),
        (b"as it is", "x-unknown", b"as it is"),
    ],
)
def test_encodings_are_undone(data, encoding, expected):
    assert decode(data, 0, len(data), encoding) == expected


@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable", "x-uuencode", ""]))
def test_any_bytes_are_decoded(data, encoding):
    assert isinstance(decode(data, 0, len(data), encoding), bytes)


@given(st.binary(max_size=300))
def test_base64_gives_back_what_was_encoded(data):
    encoded = binascii.b2a_base64(data)
    assert decode(b"x" + encoded + b"x", 1, 1 + len(encoded), "base64") == data
