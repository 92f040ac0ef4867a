import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.mail.addresses import read


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("mia@example.org", [("", "mia@example.org")]),
        ("Mia Keller <mia@Example.ORG>", [("Mia Keller", "mia@example.org")]),
        (
            '"Keller, Mia" <mia@example.org>, jo@example.net',
            [("Keller, Mia", "mia@example.org"), ("", "jo@example.net")],
        ),
        ("mia@example.org (Mia Keller)", [("Mia Keller", "mia@example.org")]),
        ("(a (nested) note) mia@example.org", [("a (nested) note", "mia@example.org")]),
        (
            "Team: mia@example.org, jo@example.net;, x@example.net",
            [("", "mia@example.org"), ("", "jo@example.net"), ("", "x@example.net")],
        ),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?Q?Andr=C3=A9?= Weiss <andre@example.org>", [("André Weiss", "andre@example.org")]),
        ("=?utf-8?Q?Keller=2C_Mia?= <mia@example.org>", [("Keller, Mia", "mia@example.org")]),
        ('"=?utf-8?Q?Andr=C3=A9?=" <andre@example.org>', [("André", "andre@example.org")]),
        ("Mia Keller mia@example.org", [("Mia Keller", "mia@example.org")]),
        ('"Mia <mia@example.org>', [("Mia", "mia@example.org")]),
        ("mia @ example . org", [("", "mia@example.org")]),
        ('"mia keller"@example.org', [("", '"mia keller"@example.org')]),
        ("<@relay.example.net:mia@example.org>", [("", "mia@example.org")]),
        ("mia@example.org;jo@example.net", [("", "mia@example.org"), ("", "jo@example.net")]),
        ("'Mia Keller' <mia@example.org>", [("Mia Keller", "mia@example.org")]),
        ("<>", []),
        ("", []),
        ("Mia Keller", [("Mia Keller", "")]),
    ],
)
def test_addresses_are_read_as_they_come(value, expected):
    assert [(address.name, address.email) for address in read(value)] == expected


@given(st.text(alphabet='ab@<>"(),;:\\ =?.', max_size=200))
def test_any_list_is_read(value):
    for address in read(value):
        assert address.name or address.email


def test_an_unclosed_quote_takes_linear_time():
    assert read('"\\' * 30_000) != ()
