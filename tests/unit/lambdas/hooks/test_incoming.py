"""The signatures were computed with `openssl dgst -sha256 -hmac`; Jira's first example is that of Atlassian's page."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lambdas.hooks.incoming import (
    Garbled,
    NoSecret,
    NotSigned,
    NotTheirs,
    OutOfTime,
    WrongSignature,
    check_jira,
    check_zendesk,
    raw_body,
)

HELLO = {"x-hub-signature": "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"}
EVERYBODY = "It's a Secret to Everybody"
ZENDESK = "dGhpcyBpcyBub3QgZGVjb2RlZA=="
AT = datetime(2025, 11, 21, 10, 0, 0, tzinfo=UTC)
TICKET = b'{"ticket":"35436"}'
SIGNED = {
    "x-zendesk-webhook-signature": "F+WLkR4aIL+gADIxBT+6meM0j2RxlkMxSmA2WpwSLaA=",
    "x-zendesk-webhook-signature-timestamp": "2025-11-21T10:00:00Z",
}


def test_what_jira_signed_is_believed():
    check_jira(HELLO, b"Hello World!", EVERYBODY)


def test_jiras_signature_is_over_the_raw_bytes():
    headers = {"x-hub-signature": "sha256=FD3342222E5E4B234676BC4FDED43F36DCE0C7AF47E307172EF27AEAB315A7E2"}
    body = '{"issue":{"key":"SUP-7"},"comment":"Zürich"}\n'.encode()
    check_jira(headers, body, "jira's own secret")
    with pytest.raises(WrongSignature):
        check_jira(headers, body.strip(), "jira's own secret")


@pytest.mark.parametrize(("body", "secret"), [(b"Hello World?", EVERYBODY), (b"Hello World!", "another"), (b"", "x")])
def test_another_body_or_secret_is_not_jiras(body, secret):
    with pytest.raises(WrongSignature, match="compare the secrets at both ends"):
        check_jira(HELLO, body, secret)


def test_a_webhook_without_a_signature_is_refused_by_the_headers_name():
    with pytest.raises(NotSigned, match="x-hub-signature is missing"):
        check_jira({}, b"Hello World!", EVERYBODY)
    with pytest.raises(NotSigned, match="x-zendesk-webhook-signature is missing"):
        check_zendesk({"x-zendesk-webhook-signature": ""}, TICKET, ZENDESK, AT)
    with pytest.raises(NotSigned, match="x-zendesk-webhook-signature-timestamp is missing"):
        check_zendesk({"x-zendesk-webhook-signature": "x"}, TICKET, ZENDESK, AT)


@pytest.mark.parametrize(
    "header",
    [
        "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
        "sha1=a4771c39fbe90f317c7824e83ddef3caae9cb3d9",
        "sha256=",
        "sha256=a4771c39",
        "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9 ",
        "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9\n",
        "sha256=g4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
        "sha256=٤4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
        "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9,sha256=00",
    ],
)
def test_a_garbled_signature_of_jiras_is_told_apart_from_a_wrong_one(header):
    with pytest.raises(Garbled, match="x-hub-signature is not sha256= and 64 hexadecimal digits"):
        check_jira({"x-hub-signature": header}, b"Hello World!", EVERYBODY)


def test_an_empty_secret_makes_nobody_believed():
    empty = {"x-hub-signature": "sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
    with pytest.raises(NoSecret, match="mailroom connect set"):
        check_jira(empty, b"", "")
    with pytest.raises(NoSecret):
        check_zendesk(SIGNED, TICKET, "", AT)


@pytest.mark.parametrize("apart", [-300, -1, 0, 299, 300])
def test_what_zendesk_signed_is_believed_for_five_minutes(apart):
    check_zendesk(SIGNED, TICKET, ZENDESK, AT + timedelta(seconds=apart))


def test_zendesk_signs_a_call_without_a_body_too():
    signature = "w+6B1jUyzJrE0N3e2X51u83pZxovt8HyggannuVRyJ8="
    check_zendesk(SIGNED | {"x-zendesk-webhook-signature": signature}, b"", ZENDESK, AT)


@pytest.mark.parametrize("apart", [-301, 301, 86400])
def test_a_replay_after_five_minutes_is_refused(apart):
    with pytest.raises(OutOfTime, match="within the last 5 minutes"):
        check_zendesk(SIGNED, TICKET, ZENDESK, AT + timedelta(seconds=apart))


def test_a_replay_with_a_new_time_has_a_wrong_signature():
    later = SIGNED | {"x-zendesk-webhook-signature-timestamp": "2025-11-21T11:00:00Z"}
    with pytest.raises(WrongSignature):
        check_zendesk(later, TICKET, ZENDESK, AT + timedelta(hours=1))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-zendesk-webhook-signature", "F+WLkR4aIL+gADIxBT+6meM0j2RxlkMxSmA2WpwSLaA"),
        ("x-zendesk-webhook-signature", "F-WLkR4aIL_gADIxBT-6meM0j2RxlkMxSmA2WpwSLaA="),
        ("x-zendesk-webhook-signature", "é"),
        ("x-zendesk-webhook-signature-timestamp", "1763719200"),
        ("x-zendesk-webhook-signature-timestamp", "2025-11-21T10:00:00"),
        ("x-zendesk-webhook-signature-timestamp", "2025-06-31T10:00:00Z"),
        ("x-zendesk-webhook-signature-timestamp", "0000-00-00T00:00:00Z"),
        ("x-zendesk-webhook-signature-timestamp", "٢٠٢٥-11-21T10:00:00Z"),
        ("x-zendesk-webhook-signature-timestamp", "yesterday"),
    ],
)
def test_a_garbled_header_of_zendesks_is_named(name, value):
    with pytest.raises(Garbled, match=f"the header {name} is not"):
        check_zendesk(SIGNED | {name: value}, TICKET, ZENDESK, AT)


@given(some.text(), some.text() | some.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", fullmatch=True), some.binary())
def test_hostile_headers_and_bodies_are_refused_and_never_crash(signature, timestamp, body):
    headers = {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": timestamp}
    with pytest.raises(NotTheirs):
        check_zendesk(headers | SIGNED | {"x-zendesk-webhook-signature-timestamp": timestamp}, body, ZENDESK, AT)
    with pytest.raises(NotTheirs):
        check_zendesk(headers, body, ZENDESK, AT)
    with pytest.raises(NotTheirs):
        check_jira({"x-hub-signature": signature}, body, EVERYBODY)


def test_no_refusal_tells_the_secret_or_the_signature():
    with pytest.raises(NotTheirs) as refused:
        check_zendesk(SIGNED, b"", ZENDESK, AT)
    assert ZENDESK not in str(refused.value)
    assert "F+WLk" not in str(refused.value)


@pytest.mark.parametrize(
    ("event", "bytes_"),
    [
        ({"body": '{"a": "ü"}'}, b'{"a": "\xc3\xbc"}'),
        ({"body": "/wA=", "isBase64Encoded": True}, b"\xff\x00"),
        ({"body": None}, b""),
        ({}, b""),
    ],
)
def test_the_body_is_taken_as_the_bytes_that_were_sent(event, bytes_):
    assert raw_body(event) == bytes_


def test_a_body_that_is_said_to_be_base64_and_is_not_is_refused():
    with pytest.raises(Garbled, match="the body is not base64"):
        raw_body({"body": "no base64!", "isBase64Encoded": True})
