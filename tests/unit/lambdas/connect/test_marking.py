import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.connect.marking import clean, marked, unmarked

MARKERS = st.from_regex(r"[A-Za-z0-9.-]{1,100}", fullmatch=True)


@given(st.text(), MARKERS)
def test_a_mark_is_found_again_whatever_the_text_is(text, marker):
    assert unmarked(marked(text, marker))[1] == marker


def test_the_text_comes_back_without_its_mark():
    assert unmarked(marked("Hello,\n\nit burns.", "acme-12.1")) == ("Hello,\n\nit burns.", "acme-12.1")


def test_a_customers_line_like_a_mark_does_not_count():
    assert unmarked(marked("Mailroom-Ref: acme-1.1", "acme-12.1"))[1] == "acme-12.1"


def test_a_mark_within_the_text_is_none():
    assert unmarked("Mailroom-Ref: acme-1.1\nI agree.") == ("Mailroom-Ref: acme-1.1\nI agree.", None)


def test_a_mark_survives_lines_that_were_joined():
    assert unmarked("Hello Mailroom-Ref: acme-12.1 \n") == ("Hello", "acme-12.1")


@pytest.mark.parametrize("wrong", ["", "a b", "a\n", "a_b", 'a"', "x" * 101, "é"])
def test_what_a_label_or_a_line_cannot_hold_is_no_marker(wrong):
    with pytest.raises(ValueError, match="no marker"):
        marked("text", wrong)


def test_what_no_text_field_takes_is_left_out():
    assert clean("a\x00b\ud800c\r\nd\re\tf", 100) == "abc\nd\ne\tf"


@given(st.text(), st.integers(20, 40))
def test_a_long_text_is_cut_and_says_so(text, most):
    for encoding, width in (("utf-16-le", 2), ("utf-8", 1)):
        cut = clean("x" * 50 + text, most, encoding)
        assert len(cut.encode(encoding)) == most * width
        assert cut.endswith("[…]")


def test_a_character_is_never_cut_in_two():
    assert clean("\U0001f525" * 9, 10) == "\U0001f525\U0001f525\n\n[…]"
    assert clean("\U0001f525" * 9, 12, "utf-8") == "\U0001f525\n\n[…]"
    assert clean("\U0001f525" * 5, 10) == "\U0001f525" * 5
