import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.tokens.unsubscribe import unsubscribe_link, unsubscribing

KEY, MESSAGE = b"k" * 64, "fz6bkbnmvttdynetypiiyq4mry"


def test_a_link_is_the_same_each_time_and_names_its_message():
    link = unsubscribe_link(KEY, MESSAGE)
    assert link == "fz6bkbnmvttdynetypiiyq4mryuogvzwbd3rzlu3akktj7ztbjh5otkqgqmdtw47z63f6aeivyk5pa"
    assert unsubscribing(KEY, link) == MESSAGE


@pytest.mark.parametrize("other", ["aaaaaaaaaaaaaaaaaaaaaaaaaa", "fz6bkbnmvttdynetypiiyq4mrz"])
def test_a_link_of_one_message_is_none_of_another(other):
    assert unsubscribing(KEY, other + unsubscribe_link(KEY, MESSAGE)[26:]) is None


def test_a_link_of_another_key_is_none_of_ours():
    assert unsubscribing(KEY, unsubscribe_link(b"x" * 64, MESSAGE)) is None


@given(st.text() | st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=78, max_size=78))
def test_whatever_else_comes_is_no_link(link):
    assert unsubscribing(KEY, link) is None
