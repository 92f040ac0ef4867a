"""Requests as botocore's own clients write them, answers as they read them; no socket in between."""

from datetime import UTC, datetime

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from local.ses import wire
from local.ses.errors import BadRequest, InvalidParameterValue, NotFound, RuleDoesNotExist

KEYS = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}


class Raw:
    def __init__(self, body):
        self._body = body

    def stream(self, **_options):
        yield self._body


def asked(service, operation, result, **parameters):
    """The call that the server reads of what a client sends, and what the client makes of the server's answer."""
    client, calls = boto3.client(service, **KEYS), []

    def serve(request, **_options):
        path, _, query = request.url.removeprefix("https://email.us-east-1.amazonaws.com").partition("?")
        second = service == "sesv2"
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        call = wire.read_v2(request.method, path, query, body) if second else wire.read_v1(body)
        calls.append(call)
        if isinstance(result, Exception):
            status, headers, body = wire.error_v2(result) if second else wire.error_v1(result)
        else:
            status, headers, body = wire.write_v2(result) if second else wire.write_v1(call.operation, result)
        return AWSResponse(request.url, status, headers, Raw(body))

    client.meta.events.register("before-send", serve)
    try:
        answer = getattr(client, operation)(**parameters)
    finally:
        client.close()
    answer.pop("ResponseMetadata")
    return calls[0], answer


def test_v2_bytes_lists_and_structures_arrive():
    parameters = {
        "FromEmailAddress": "Acme <hello@acme.test>",
        "Destination": {"ToAddresses": ["a@x.org", "b@x.org"]},
        "Content": {"Raw": {"Data": b"From: a\n\n\xff"}},
    }
    call, answer = asked("sesv2", "send_email", {"MessageId": "m"}, **parameters)
    assert (call.operation, call.parameters) == ("SendEmail", parameters)
    assert answer == {"MessageId": "m"}


def test_v2_names_in_the_path_and_the_query_arrive():
    call, _ = asked("sesv2", "get_suppressed_destination", {}, EmailAddress="a+b/c@x.org")
    assert call.parameters == {"EmailAddress": "a+b/c@x.org"}
    call, _ = asked("sesv2", "list_suppressed_destinations", {}, Reasons=["BOUNCE", "COMPLAINT"], PageSize=7)
    assert call.parameters == {"Reasons": ["BOUNCE", "COMPLAINT"], "PageSize": 7}


def test_v2_times_are_read_back():
    since = datetime(2026, 11, 21, 10, tzinfo=UTC)
    entry = {"EmailAddress": "a@x.org", "Reason": "BOUNCE", "LastUpdateTime": since}
    _, answer = asked("sesv2", "get_suppressed_destination", {"SuppressedDestination": entry}, EmailAddress="a@x.org")
    assert answer["SuppressedDestination"] == entry


RULE = {
    "Name": "support",
    "Enabled": True,
    "Recipients": ["a@x.org", "b@x.org"],
    "Actions": [{"S3Action": {"BucketName": "b & c", "ObjectKeyPrefix": "raw/"}}, {"StopAction": {"Scope": "RuleSet"}}],
}


def test_v1_nested_lists_arrive_and_are_read_back():
    call, _ = asked("ses", "create_receipt_rule", {}, RuleSetName="set", Rule=RULE, After="first")
    assert (call.operation, call.parameters) == (
        "CreateReceiptRule",
        {"RuleSetName": "set", "Rule": RULE, "After": "first"},
    )
    _, answer = asked("ses", "describe_receipt_rule", {"Rule": RULE}, RuleSetName="set", RuleName="support")
    assert answer["Rule"] == RULE


def test_errors_keep_their_code_and_words():
    with pytest.raises(ClientError) as raised:
        asked("sesv2", "get_email_identity", NotFound("no <such> & thing"), EmailIdentity="x.org")
    assert raised.value.response["Error"] == {"Code": "NotFoundException", "Message": "no <such> & thing"}
    with pytest.raises(ClientError) as raised:
        asked("ses", "describe_receipt_rule", RuleDoesNotExist("no <rule> & so"), RuleSetName="s", RuleName="r")
    error = raised.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("RuleDoesNotExist", "no <rule> & so")


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"Content": {"Raw": {"Data": "***"}}}', b"{}", b'{"Content": 5}', b"[]", b"\xff"],
)
def test_a_v2_request_that_is_none_is_a_bad_request(body):
    with pytest.raises(BadRequest):
        wire.read_v2("POST", "/v2/email/outbound-emails", "", body)


@pytest.mark.parametrize(
    "body", [b"Action=CreateReceiptRule", b"Action=CreateReceiptRule&RuleSetName=s&Rule=1", b"\xff"]
)
def test_a_v1_request_that_is_none_is_an_invalid_parameter(body):
    with pytest.raises((InvalidParameterValue, wire.UnknownOperation)):
        wire.read_v1(body)


def test_an_unknown_path_is_no_operation():
    with pytest.raises(wire.UnknownOperation, match="no operation at GET /v2/email/nowhere"):
        wire.read_v2("GET", "/v2/email/nowhere", "", b"")
