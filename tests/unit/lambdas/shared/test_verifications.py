from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.verifications import Verdict, link_of, make_token, split, token_hash, verdict, verification_id

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
ITEM = {"token_hashes": {"old", "current"}, "token_hash": "current", "expires_at": "2026-11-21T10:00:00.001Z"}


@pytest.mark.parametrize(
    ("item", "hashed", "expected"),
    [
        ({}, "current", Verdict.FORGED),
        (ITEM, "other", Verdict.FORGED),
        (ITEM, "old", Verdict.SUPERSEDED),
        (ITEM | {"used_at": "x"}, "old", Verdict.SUPERSEDED),
        (ITEM | {"used_at": "x"}, "current", Verdict.USED),
        (ITEM | {"expires_at": "2026-11-21T10:00:00.000Z"}, "current", Verdict.EXPIRED),
        (ITEM | {"used_at": "x", "expires_at": "2026-11-20T10:00:00.000Z"}, "current", Verdict.USED),
        (ITEM, "current", Verdict.VALID),
    ],
)
def test_what_a_link_is_worth(item, hashed, expected):
    assert verdict(item, hashed, NOW) is expected


def test_a_token_is_256_bits_and_the_same_for_the_same_request():
    token = make_token(b"key", "mia@example.org", "r1")
    assert len(token) == 52
    assert token == make_token(b"key", "Mia@Example.org", "r1")
    others = [make_token(b"kex", "mia@example.org", "r1"), make_token(b"key", "mia@example.org", "r2")]
    assert token not in others


@given(st.emails(), st.text())
def test_a_link_splits_into_what_it_was_made_of(email, request_id):
    token = make_token(b"key", email, request_id)
    assert split(link_of(email, token)) == (verification_id(email), token)


@given(st.text())
def test_anything_else_splits_into_nothing_that_exists(text):
    assert split(text) == ("none", "")


def test_only_the_hash_of_a_token_is_kept():
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
