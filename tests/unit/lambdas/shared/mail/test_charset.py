import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.mail.charset import codec, decode


@pytest.mark.parametrize(
    ("data", "label", "expected"),
    [
        (b"plain", None, "plain"),
        ("Zürich".encode(), "utf-8", "Zürich"),
        ("Zürich".encode("latin-1"), "iso-8859-1", "Zürich"),
        (b"20 \x80 \x96 ok", "iso-8859-1", "20 € – ok"),
        ("Zürich".encode(), "iso-8859-1", "Zürich"),
        ("Zürich".encode(), "us-ascii", "Zürich"),
        ("Zürich".encode("cp1252"), "utf-8", "Zürich"),
        ("Zürich".encode("cp1252"), None, "Zürich"),
        ("朱镕基".encode("gb18030"), "gb2312", "朱镕基"),
        ("①電球".encode("cp932"), "shift_jis", "①電球"),
        ("똠방각하".encode("cp949"), "ks_c_5601-1987", "똠방각하"),
        ("ランプ".encode("iso-2022-jp"), "iso-2022-jp", "ランプ"),
        ("ランプ".encode("iso-2022-jp"), None, "ランプ"),
        (b"\x1b$B-!EE5e\x1b(B No. 1", "iso-2022-jp", "①電球 No. 1"),
        ("привет".encode("koi8-r"), "koi8-r", "привет"),
        (b"Hi +AOk-", "utf-7", "Hi é"),
        (b"half +3EM- of one", "utf-7", "half ? of one"),
        ("Grüße".encode("utf-16"), None, "Grüße"),
        ("Zürich".encode(), "x-no-such", "Zürich"),
        (b"a\x81b", "windows-1252", "a\x81b"),
        ("Zürich, Genève, Zürich".encode()[:-3] + b"\xff", "utf-8", "Zürich, Genève, Zür\ufffd"),
        (b"", "utf-8", ""),
    ],
)
def test_text_is_what_the_program_meant(data, label, expected):
    assert decode(data, label) == expected


@pytest.mark.parametrize(
    "label", ["zlib", "base64", "rot13", "punycode", "idna", "unicode_escape", "no such", "", "\x00"]
)
def test_what_is_no_charset_of_mail_is_none(label):
    assert codec(label) is None


def test_html_says_its_charset_itself():
    assert decode(b'<meta charset="koi8-r">' + "привет".encode("koi8-r"), None, html=True).endswith("привет")


@given(
    st.binary(max_size=200),
    st.sampled_from([None, "utf-8", "iso-2022-jp", "gb2312", "utf-7", "utf-16", "hz", "big5", "x"]),
)
def test_any_bytes_are_text(data, label):
    assert isinstance(decode(data, label), str)
