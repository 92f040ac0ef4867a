from datetime import UTC, datetime

import pytest

from lambdas.shared.tokens.table import Verdict, verdict

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
ITEM = {"hashes": {"old", "current"}, "hashed": "current", "expires_at": "2026-11-21T10:00:00.001Z"}


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
