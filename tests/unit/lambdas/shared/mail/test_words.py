import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.mail.words import decode


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("=?utf-8?Q?caf=C3=A9?=", "café"),
        ("=?UTF-8?B?Y2Fmw6k=?=", "café"),
        ("=?utf-8?B?Y2Fmw6k?=", "café"),
        ("=?iso-8859-1?Q?caf=E9?= open", "café open"),
        ("=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "café"),
        ("=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "ab"),
        ("=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"),
        ("=?utf-8?Q?a_b?=", "a b"),
        ("=?utf-8*en?Q?a?=", "a"),
        ("=?utf-8?Q?who is it??=", "who is it?"),
        ("=?iso-2022-jp?B?GyRCJWklcyVXGyhC?=", "ランプ"),
        ("=?x-unknown?Q?caf=C3=A9?=", "café"),
        ("=?utf-8?Q?open", "=?utf-8?Q?open"),
        ("folded\r\n line", "folded line"),
        ("no\x00control\x1b[31m", "nocontrol[31m"),
    ],
)
def test_words_are_decoded(value, expected):
    assert decode(value) == expected


@given(st.text(alphabet="=?utf-8QqBb_AÉ \n", max_size=100))
def test_any_value_is_decoded(value):
    assert "\n" not in decode(value)


def test_many_unfinished_words_take_linear_time():
    assert decode("=?utf-8?Q?a" * 6000).startswith("=?utf-8?Q?a")
