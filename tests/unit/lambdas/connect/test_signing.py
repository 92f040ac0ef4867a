"""The expected signatures were computed with `openssl dgst -sha256 -mac HMAC`, over the example of Standard Webhooks
1.0.0, section "Signature scheme", by secrets of our own: the specification tells its signature but not its secret."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lambdas.connect.signing import NotASecret, headers, key

ID = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
BODY = (
    b'{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z",'
    b'"data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}'
)
OLD = "whsec_YW4gb2xkIGtleSBvZiAyNCBieXRlcyEh"  # an old key of 24 bytes!!
NEW = "whsec_YSBuZXcga2V5LCBvZiAzMiBieXRlcywgbWFkZSBub3c="  # a new key, of 32 bytes, made now


def test_the_specifications_example_is_signed_as_openssl_signs_it():
    assert headers(ID, 1674087231, BODY, [OLD]) == {
        "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
        "webhook-timestamp": "1674087231",
        "webhook-signature": "v1,2YVP6n5J3w2b29In27MQKa+pnMtmhfFYe76IbvBD0fw=",
    }


def test_while_secrets_rotate_there_is_a_signature_by_each():
    assert headers(ID, 1674087231, BODY, [NEW, OLD])["webhook-signature"] == (
        "v1,MvTMNT9xCNTs0G2mKXRKNELOnJBOquVlsT3baNCi8Mg= v1,2YVP6n5J3w2b29In27MQKa+pnMtmhfFYe76IbvBD0fw="
    )


def test_another_byte_another_id_and_another_second_are_other_signatures():
    signed = {
        headers(name, at, body, [OLD])["webhook-signature"]
        for name, at, body in [(ID, 1, b"{}"), (ID, 1, b"{} "), (ID + "x", 1, b"{}"), (ID, 2, b"{}")]
    }
    assert len(signed) == 4


def test_nothing_goes_out_unsigned():
    with pytest.raises(NotASecret):
        headers(ID, 1674087231, BODY, [])


@pytest.mark.parametrize(
    "given",
    [
        "",
        "whsec_",
        "YW4gb2xkIGtleSBvZiAyNCBieXRlcyEh",
        "whsk_YW4gb2xkIGtleSBvZiAyNCBieXRlcyEh",
        "whsec_YW4gb2xkIGtleSBvZiAyNCBieXRlcyEh\n",
        "whsec_YW4gb2xk IGtleSBvZiAyNCBieXRlcyEh",
        "whsec_YSBrZXkgdGhhdCBoYXMgMjMgYnl0ZXM=",
        "whsec_" + "QUFB" * 22,
        "whsec_…",
        "whsec_YW4gb2xkIGtleSBvZiAyNCBieXRlcyE",
    ],
)
def test_what_is_no_secret_is_refused_without_being_told(given):
    with pytest.raises(NotASecret) as refused:
        key(given)
    assert str(refused.value) == "a webhook's secret is whsec_ and then 24 to 64 random bytes in base64"


@given(some.binary(min_size=24, max_size=64))
def test_every_secret_of_24_to_64_bytes_is_one(secret):
    assert key("whsec_" + base64.b64encode(secret).decode()) == secret
