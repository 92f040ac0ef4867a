import re

from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.tokens.make import (
    CODE,
    PASSWORD_RESET,
    VERIFICATION,
    code_hash,
    link_of,
    make_code,
    make_token,
    split,
    token_hash,
    token_id,
)


def test_a_token_is_256_bits_and_the_same_for_the_same_request():
    token = make_token(b"key", VERIFICATION, "mia@example.org", "r1")
    assert len(token) == 52
    assert token == make_token(b"key", VERIFICATION, "Mia@Example.org", "r1")
    assert token not in [
        make_token(b"kex", VERIFICATION, "mia@example.org", "r1"),
        make_token(b"key", VERIFICATION, "mia@example.org", "r2"),
        make_token(b"key", PASSWORD_RESET, "mia@example.org", "r1"),
    ]


@given(st.emails(), st.text())
def test_a_link_splits_into_what_it_was_made_of(email, request_id):
    token = make_token(b"key", VERIFICATION, email, request_id)
    assert split(link_of(VERIFICATION, email, token)) == (token_id(VERIFICATION, email), token)


@given(st.text())
def test_anything_else_splits_into_nothing_that_exists(text):
    assert split(text) == ("none", "")


def test_only_the_hash_of_a_token_is_kept():
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(st.binary(min_size=32, max_size=64), st.emails(), st.text(max_size=50), st.integers(6, 12))
def test_a_code_has_its_digits_and_comes_from_the_request(key, email, request_id, digits):
    code = make_code(key, email, request_id, digits)
    assert re.fullmatch(rf"[0-9]{{{digits}}}", code)
    assert code == make_code(key, email, request_id, digits)


def test_the_hash_of_a_code_needs_the_key_and_the_address():
    hashes = {code_hash(key, email, "123456") for key in (b"a", b"b") for email in ("mia@x.org", "bo@x.org")}
    assert len(hashes) == 4


def test_an_address_has_one_item_for_each_purpose():
    purposes = (VERIFICATION, PASSWORD_RESET, CODE)
    assert len({token_id(purpose, "mia@example.org") for purpose in purposes}) == 3
    assert token_id(CODE, "mia@example.org") == token_id(CODE, " MIA@example.org")
