import base64
import json
import re

import boto3
import pytest
from botocore.exceptions import ClientError

from lambdas.shared.messages import Messages, message_id
from tests.integration.records import drain
from tests.integration.test_tokens import code_of, mails, text

NOTICE = {"to": "mia@example.org", "template": "notice", "data": {"title": "Hi", "text": "There"}}


@pytest.fixture
def api(sending):
    """Calls the API: `api("POST /messages", body, key="k")` gives status and answer."""
    module = sending("api")

    def call(route, body=None, key=None, **path):
        event = {
            "routeKey": route,
            "headers": {"content-type": "application/json"} | ({"idempotency-key": key} if key else {}),
            "pathParameters": path,
            "requestContext": {"requestId": "request-1"},
            "body": body if isinstance(body, str) else json.dumps(body),
        }
        answer = module.handler(event, None)
        return answer["statusCode"], json.loads(answer["body"])

    call.module = module
    return call


def takes_it(api):
    api.module.ses.add_response("send_email", {"MessageId": "ses-1"})


def test_a_mail_is_sent_before_the_answer(api):
    takes_it(api)
    status, answer = api("POST /messages", NOTICE, key="k1")
    told = {"id": message_id("k1"), "to": "mia@example.org", "state": "sent", "reason": ""}
    assert (status, answer) == (200, {"messages": [told]})


def test_a_repeat_answers_the_first_result_and_sends_nothing(api):
    takes_it(api)
    assert api("POST /messages", NOTICE, key="k1") == api("POST /messages", NOTICE, key="k1")


def test_the_same_key_with_another_body_is_refused(api):
    takes_it(api)
    api("POST /messages", NOTICE, key="k1")
    status, answer = api("POST /messages", NOTICE | {"data": {"title": "Other", "text": ""}}, key="k1")
    assert (status, answer) == (409, {"error": "another message was asked for with this idempotency key"})


@pytest.mark.parametrize(
    ("body", "key", "error"),
    [
        (NOTICE, None, "the header Idempotency-Key is missing: it makes a repeat one mail"),
        ("{", "k", "the body is not JSON"),
        ("[]", "k", "the body is not a JSON object"),
        ({"template": "notice"}, "k", "SendMail: detail must contain ['to'] properties"),
        (NOTICE | {"headers": {"Bcc": "eve@x"}}, "k", "SendMail: detail.headers must not contain {'Bcc'} properties"),
        (
            NOTICE | {"headers": {"X-SES-SOURCE-ARN": "x"}},
            "k",
            "SendMail: detail.headers must not contain {'X-SES-SOURCE-ARN'} properties",
        ),
        (
            NOTICE | {"headers": {"X-Order\n": "1"}},
            "k",
            "SendMail: detail.headers must not contain {'X-Order\\n'} properties",
        ),
        (
            NOTICE | {"headers": {"X-Order": "1\r\nBcc: eve@x"}},
            "k",
            "SendMail: detail.headers.X-Order must match pattern ^[ -~]+$",
        ),
    ],
)
def test_a_bad_request_says_what_to_change(api, body, key, error):
    assert api("POST /messages", body, key=key) == (400, {"error": error})


def test_a_mail_that_cannot_be_made_is_answered_with_the_reason_and_kept(api):
    status, answer = api("POST /messages", NOTICE | {"data": {"title": "Hi"}}, key="k1")
    [told] = answer["messages"]
    assert (status, told["state"]) == (422, "failed")
    assert told["reason"] == "template 'notice': `text` is missing"
    assert Messages(boto3.resource("dynamodb").Table("messages")).get(told["id"]).state == "failed"


def test_what_ses_cannot_take_now_is_queued_and_the_answer_says_so(api):
    api.module.ses.add_client_error("send_email", "SendingPausedException", "Sending paused.", 400)
    note = {"filename": "n.txt", "content_type": "text/plain", "content": base64.b64encode(b"Hi").decode()}
    status, answer = api("POST /messages", NOTICE | {"attachments": [note]}, key="k1")
    assert (status, answer["messages"][0]["state"]) == (200, "paused")
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="send")["QueueUrl"]
    delayed = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesDelayed"])
    assert delayed["Attributes"] == {"ApproximateNumberOfMessagesDelayed": "1"}
    kept = boto3.client("s3").get_object(Bucket="mail", Key=f"outgoing/{message_id('k1')}/0")
    assert kept["Body"].read() == b"Hi"


def test_what_aws_refuses_us_is_an_error_to_the_caller_and_in_the_queue_all_the_same(api):
    api.module.ses.add_client_error("send_email", "AccessDeniedException", "not authorized", 403)
    with pytest.raises(ClientError, match="not authorized"):
        api("POST /messages", NOTICE, key="k1")
    [queued] = drain("send")
    assert (queued["id"], queued["detail"]["to"]) == (message_id("k1"), NOTICE["to"])
    assert Messages(boto3.resource("dynamodb").Table("messages")).get(message_id("k1")).state == "held"


def test_each_recipient_of_a_list_is_answered_for(api):
    takes_it(api)
    takes_it(api)
    status, answer = api("POST /messages", NOTICE | {"to": ["mia@example.org", "bo@example.net"]}, key="k1")
    assert status == 200
    assert [(told["to"], told["state"]) for told in answer["messages"]] == [
        ("mia@example.org", "sent"),
        ("bo@example.net", "sent"),
    ]


def test_a_message_can_be_looked_at(api):
    takes_it(api)
    api("POST /messages", NOTICE, key="k1")
    status, answer = api("GET /messages/{id}", id=message_id("k1"))
    assert (status, answer["state"], answer["recipient"]) == (200, "sent", "mia@example.org")
    assert api("GET /messages/{id}", id="nonesuch") == (404, {"error": "there is no message of this id"})


def test_a_scheduled_mail_can_be_cancelled_and_no_other(api):
    takes_it(api)
    api("POST /messages", NOTICE, key="now")
    api("POST /messages", NOTICE | {"send_at": "2099-01-01T00:00:00Z"}, key="never")
    status, answer = api("DELETE /messages/{id}", id=message_id("now"))
    assert (status, answer) == (409, {"error": "only a scheduled message can be cancelled; it is sent"})
    assert api("DELETE /messages/{id}", id="nonesuch")[0] == 404


def test_cancelling_a_scheduled_mail(api):
    from datetime import UTC, datetime, timedelta

    at = (datetime.now(UTC) + timedelta(days=300)).isoformat()
    assert api("POST /messages", NOTICE | {"send_at": at}, key="k1")[1]["messages"][0]["state"] == "scheduled"
    assert api("DELETE /messages/{id}", id=message_id("k1")) == (200, {"id": message_id("k1"), "state": "cancelled"})
    assert api("DELETE /messages/{id}", id=message_id("k1"))[0] == 409


def proofs(api, count=1):
    return mails(api.module, count)


@pytest.fixture
def codes(api):
    api.module.desk = api.module.api.desk
    return api


def test_a_code_goes_out_at_once_and_is_checked(codes):
    taken = proofs(codes)
    assert codes("POST /codes", {"email": "mia@example.org"}) == (202, {})
    code = code_of(taken[0])
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert codes("POST /codes/check", {"email": "mia@example.org", "code": wrong}) == (200, {"valid": False})
    assert codes("POST /codes/check", {"email": "mia@example.org", "code": code}) == (200, {"valid": True})
    assert codes("POST /codes/check", {"email": "mia@example.org", "code": code}) == (200, {"valid": False})


def test_the_answer_is_the_same_when_it_was_asked_for_too_often(codes):
    proofs(codes)
    answers = {str(codes("POST /codes", {"email": "mia@example.org"}, key=key)) for key in ("k1", "k2")}
    assert answers == {"(202, {})"}


def test_a_code_that_ses_cannot_take_now_is_asked_for_again_later(codes):
    codes.module.ses.add_client_error("send_email", "SendingPausedException", "Sending paused.", 400)
    assert codes("POST /codes", {"email": "mia@example.org"}) == (202, {})
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="tokens")["QueueUrl"]
    delayed = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesDelayed"])
    assert delayed["Attributes"] == {"ApproximateNumberOfMessagesDelayed": "1"}
    assert drain("send") == []


def test_a_password_resets_token_is_good_once(codes):
    taken = proofs(codes)
    asked = {"email": "mia@example.org", "user_id": "u1", "return_url": "https://shop.acme.test/account"}
    codes.module.desk.password_reset(asked, "r1")
    token = re.search(r"token=([a-z2-7]{78})", text(taken[0]))[1]
    good = {"valid": True, "email": "mia@example.org", "user_id": "u1"}
    assert codes("POST /tokens/check", {"token": token}) == (200, good)
    assert codes("POST /tokens/check", {"token": token}) == (200, {"valid": False, "reason": "used"})
    assert codes("POST /tokens/check", {"token": "x"}) == (200, {"valid": False, "reason": "forged"})
