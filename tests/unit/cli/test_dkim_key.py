import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

from cli.dkim.key import Key, new_key

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
KEY = Key(selector="mailroom20261121", public="A" * 392, private="B", made="2026-11-21T10:00:00.000Z")


def test_a_key_is_of_2048_bit_and_its_record_has_the_half_that_fits_the_one_ses_gets():
    made = new_key((), NOW)
    private = load_der_private_key(b64decode(made.private, validate=True), password=None)
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert private.key_size == 2048
    name, kind, value = made.record("acme.test")
    assert (name, kind) == ("mailroom20261121._domainkey.acme.test", "TXT")
    assert "".join(re.findall('"([^"]*)"', value)) == f"p={b64encode(public).decode()}"


def test_a_record_is_longer_than_one_string_of_a_txt_record_may_be():
    assert KEY.record("acme.test")[2] == f'"p={"A" * 253}" "{"A" * 139}"'


@pytest.mark.parametrize(
    ("taken", "selector"),
    [
        ((), "mailroom20261121"),
        (("mailroom20261120",), "mailroom20261121"),
        (("mailroom20261121",), "mailroom20261121-1"),
        (("mailroom20261121-1", "mailroom20261121"), "mailroom20261121-2"),
    ],
)
def test_a_selector_says_the_day_and_is_new(taken, selector):
    assert new_key(taken, NOW).selector == selector


@pytest.mark.parametrize(("day", "needed"), [(21, True), (27, True), (28, False)])
def test_the_record_of_a_key_that_was_replaced_is_needed_for_a_week(day, needed):
    old = Key(
        selector="a", public="A", private="", made="2026-01-01T00:00:00.000Z", replaced="2026-11-21T10:00:00.000Z"
    )
    assert old.needed(datetime(2026, 11, day, 10, 0, tzinfo=UTC)) is needed
    assert KEY.needed(datetime(2030, 11, day, 10, 0, tzinfo=UTC))
