import pytest

from lambdas.shared.mail.fields import Fields, parameters, read


def header(raw):
    return read(raw, 0, len(raw))


def test_fields_keep_their_order_and_lose_their_case():
    found, body = header(b"From: a\r\nTo: b\r\n c\r\nto: d\r\n\r\nbody")
    assert found.items == (("from", "a"), ("to", "b\r\n c"), ("to", "d"))
    assert body == 29


@pytest.mark.parametrize(
    ("raw", "names", "body"),
    [
        (b"From x Thu\nFrom: a\n\nb", ["from"], b"b"),
        (b"Subject : a\n\nb", ["subject"], b"b"),
        (b"Subject: a\nno field\n\nb", ["subject"], b"no field\n\nb"),
        (b"Subject: a", ["subject"], b""),
        (b"\n", [], b""),
        (b"no field", [], b"no field"),
    ],
)
def test_a_line_that_is_no_field_starts_the_body(raw, names, body):
    found, position = header(raw)
    assert [name for name, _ in found.items] == names
    assert raw[position:] == body


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('text/plain; charset="utf-8"; format=flowed', {"charset": "utf-8", "format": "flowed"}),
        ("text/plain; name=my file.pdf", {"name": "my file.pdf"}),
        ('a; name="semi;colon.pdf"', {"name": "semi;colon.pdf"}),
        (r'a; name="C:\\x\"y.pdf"', {"name": 'C:\\x"y.pdf'}),
        ("a; name*=utf-8''caf%C3%A9.pdf", {"name": "café.pdf"}),
        ("a; name*=iso-8859-1'de'caf%E9.pdf", {"name": "café.pdf"}),
        ("a; name*0*=utf-8''caf%C3; name*1*=%A9; name*2=.pdf", {"name": "café.pdf"}),
        ('a; name*1="b.pdf"; name*0="a"', {"name": "ab.pdf"}),
        ("a; name=\"fallback.pdf\"; name*=utf-8''caf%C3%A9.pdf", {"name": "café.pdf"}),
        ('a; name="=?utf-8?Q?caf=C3=A9.pdf?="', {"name": "café.pdf"}),
        ('a; name="never closed', {"name": "never closed"}),
        ("a;;; b", {}),
    ],
)
def test_parameters_are_decoded(value, expected):
    assert parameters(value) == expected


def test_8_bit_values_are_read_in_the_charset_of_the_body():
    found, _ = header("Subject: привет\n\n".encode("koi8-r"))
    found.charset = "koi8-r"
    assert found.text("Subject") == "привет"


def test_a_token_has_no_parameters_and_no_comments():
    found, _ = header(b"Content-Type: Text/PLAIN (really); charset=x\n\n")
    assert found.token("content-type") == "text/plain"
    assert Fields(()).token("content-type") == ""


def test_a_header_bomb_is_cut():
    found, body = header(b"X: y\n" * 5000 + b"\nbody")
    assert len(found.items) == 1000
    assert body == 25_001
