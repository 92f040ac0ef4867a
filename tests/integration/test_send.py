from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.stub import ANY, Stubber

from lambdas.shared.messages import Happening, Messages, message_id
from lambdas.shared.recipients import Recipients, Suppression
from tests.integration.records import batch, bus_event, drain, reasons

NOTICE = {"to": "mia@example.org", "template": "notice", "data": {"title": "Hi & <bye>", "text": "<b>Text</b>"}}


@pytest.fixture
def send(handler):
    """The send function with an SES that does what the test says: `send.ses.add_response(...)`."""
    module = handler("send")
    with Stubber(module.outbox.ses) as stubber:
        module.ses = stubber
        yield module
    stubber.assert_no_pending_responses()


def takes_it(send, ses_id="ses-1"):
    send.ses.add_response("send_email", {"MessageId": ses_id})


def refuses(send, code, text="no", status=400):
    send.ses.add_client_error("send_email", code, text, http_status_code=status)


def asked(request, id="event-1", **receives):
    return batch(bus_event("SendMail", request, id), **receives)


def stored(key="event-1"):
    return Messages(boto3.resource("dynamodb").Table("messages")).get(message_id(key))


def move_clock(send, monkeypatch, **by):
    """Outbox is frozen, so the moved clock goes into a copy of it."""
    import dataclasses

    later = dataclasses.replace(send.outbox, now=lambda: datetime.now(UTC) + timedelta(**by))
    monkeypatch.setattr(send, "outbox", later)


def test_a_mail_goes_to_ses_rendered_tagged_and_is_settled(send):
    send.ses.add_response(
        "send_email",
        {"MessageId": "ses-1"},
        {
            "FromEmailAddress": "Acme <hello@acme.test>",
            "Destination": {"ToAddresses": ["mia@example.org"]},
            "ReplyToAddresses": [],
            "ConfigurationSetName": "set-t",
            "EmailTags": [
                {"Name": "mailroom-message", "Value": message_id("order-7")},
                {"Name": "mailroom-stream", "Value": "transactional"},
                {"Name": "mailroom-template", "Value": "notice"},
            ],
            "Content": {
                "Simple": {
                    "Subject": {"Data": "Hi & <bye>", "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": "Hi & <bye>\n\n<b>Text</b>\n\nAcme\n", "Charset": "UTF-8"},
                        "Html": {"Data": ANY, "Charset": "UTF-8"},
                    },
                    "Headers": [],
                }
            },
        },
    )
    answer = send.handler(asked(NOTICE | {"idempotency_key": "order-7"}), None)
    message = stored("order-7")
    assert answer == {"batchItemFailures": []}
    assert (message.state, message.ses_id, message.attempts) == ("sent", "ses-1", 1)
    assert (message.recipient, message.subject) == ("mia@example.org", "Hi & <bye>")


def test_a_repeated_request_is_one_mail(send):
    takes_it(send)
    send.handler(asked(NOTICE), None)
    send.handler(asked(NOTICE), None)
    assert stored().attempts == 1


def test_one_idempotency_key_in_two_events_is_one_mail(send):
    takes_it(send)
    send.handler(asked(NOTICE | {"idempotency_key": "k"}, "event-1"), None)
    send.handler(asked(NOTICE | {"idempotency_key": "k"}, "event-2"), None)


def test_the_stream_chooses_the_configuration_set_and_headers_go_along(send):
    expected = {
        "ConfigurationSetName": "set-m",
        "FromEmailAddress": "Acme Support <support@acme.test>",
        "ReplyToAddresses": ["support+abc@acme.test"],
        "Destination": ANY,
        "EmailTags": ANY,
        "Content": {
            "Simple": {"Subject": ANY, "Body": ANY, "Headers": [{"Name": "In-Reply-To", "Value": "<a@example.org>"}]}
        },
    }
    send.ses.add_response("send_email", {"MessageId": "ses-1"}, expected)
    extra = {
        "stream": "marketing",
        "from": "Acme Support <support@acme.test>",
        "reply_to": "support+abc@acme.test",
        "headers": {"In-Reply-To": "<a@example.org>"},
    }
    send.handler(asked(NOTICE | extra), None)


@pytest.mark.parametrize("scope", ["all", "transactional"])
def test_a_suppressed_recipient_gets_no_mail_and_the_message_says_why(send, scope):
    suppress("Mia@Example.org", scope)
    send.handler(asked(NOTICE), None)
    message = stored()
    assert message.state == "suppressed"
    assert message.reason == "permanent bounce (General) since 2026-11-21T10:00:00.000Z (message m0)"


def test_a_complaint_about_marketing_does_not_stop_other_mail(send):
    suppress("mia@example.org", "marketing")
    takes_it(send)
    send.handler(asked(NOTICE), None)
    assert stored().state == "sent"


def suppress(address, scope):
    suppression = Suppression(
        scope=scope,
        reason="permanent bounce (General)",
        message_id="m0",
        evidence="Bounce#f1",
        at="2026-11-21T10:00:00.000Z",
    )
    Recipients(boto3.resource("dynamodb").Table("recipients")).suppress(address, suppression)


def test_a_missing_variable_fails_the_message_with_its_name(send):
    send.handler(asked(NOTICE | {"data": {"title": "Hi"}}), None)
    message = stored()
    assert message.state == "failed"
    assert message.reason == "template 'notice': undefined value: `text` is undefined (in notice/body.txt:3)"


def test_an_unknown_template_fails_the_message_and_names_those_there_are(send):
    send.handler(asked(NOTICE | {"template": "nonesuch"}), None)
    assert stored().reason == "there is no template 'nonesuch'; there are acknowledgement, notice, verification"


def test_a_request_that_does_not_fit_its_schema_is_dead_lettered(send):
    send.handler(asked({"to": "mia@example.org", "templat": "notice"}), None)
    assert reasons() == ["SendMail: detail must contain ['template'] properties"]


def test_what_ses_refuses_has_failed(send):
    refuses(send, "MessageRejected", "Email address is not verified.")
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().reason) == ("failed", "SES refused it: Email address is not verified.")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("TooManyRequestsException", "Maximum sending rate exceeded."),
        ("TooManyRequestsException", "Daily message quota exceeded."),
        ("SendingPausedException", "Sending paused."),
        ("LimitExceededException", "Limit."),
    ],
)
def test_what_ses_cannot_take_now_goes_back_to_the_queue_and_out_later(send, code, text):
    refuses(send, code, text)
    answer = send.handler(asked(NOTICE), None)
    assert answer == {"batchItemFailures": []}
    assert (stored().state, stored().reason) == ("released", f"SES takes no mail now: {text}")
    assert waiting("queue") == 1
    takes_it(send)
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().attempts) == ("sent", 2)


def waiting(name):
    sqs = boto3.client("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
    attributes = sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], AttributeNames=names)
    return sum(int(attributes["Attributes"][attribute]) for attribute in names)


def test_ses_out_of_reach_releases_the_message(send, monkeypatch):
    fails_with(send, monkeypatch, EndpointConnectionError(endpoint_url="https://ses"))
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().reason) == ("released", "SES cannot be reached (EndpointConnectionError)")


def fails_with(send, monkeypatch, error):
    def raises(**_):
        raise error

    monkeypatch.setattr(send.outbox.ses, "send_email", raises)


def test_after_an_unknown_outcome_nothing_is_sent_until_the_claim_has_run_out(send, monkeypatch):
    with monkeypatch.context() as once:
        fails_with(send, once, ReadTimeoutError(endpoint_url="https://ses"))
        send.handler(asked(NOTICE), None)
    assert stored().state == "claimed"
    send.handler(asked(NOTICE), None)
    assert stored().attempts == 1
    move_clock(send, monkeypatch, minutes=11)
    takes_it(send)
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().attempts) == ("sent", 2)


def test_a_server_error_is_an_unknown_outcome(send):
    refuses(send, "InternalFailure", status=500)
    send.handler(asked(NOTICE), None)
    assert stored().state == "claimed"


def test_sess_own_send_event_settles_an_unknown_outcome(send, monkeypatch):
    with monkeypatch.context() as once:
        fails_with(send, once, ReadTimeoutError(endpoint_url="https://ses"))
        send.handler(asked(NOTICE), None)
    messages = Messages(boto3.resource("dynamodb").Table("messages"))
    happening = Happening(key="Send#ses-1", kind="Send", at="2026-11-21T10:00:00.000Z")
    messages.happened(message_id("event-1"), happening, ses_id="ses-1", sent_at=happening.at)
    move_clock(send, monkeypatch, minutes=11)
    send.handler(asked(NOTICE), None)
    assert (stored().status, stored().ses_id, stored().attempts) == ("sent", "ses-1", 1)
    assert waiting("queue") == 1


def test_a_missing_permission_is_tried_again_and_dead_lettered_at_last(send):
    refuses(send, "AccessDeniedException", "not authorized", status=403)
    assert send.handler(asked(NOTICE), None) == {"batchItemFailures": [{"itemIdentifier": "record-0"}]}
    assert stored().state == "released"
    refuses(send, "AccessDeniedException", "not authorized", status=403)
    assert send.handler(asked(NOTICE, receives=5), None) == {"batchItemFailures": []}
    [reason] = reasons()
    assert reason.startswith("failed 5 times, last with ClientError: An error occurred (AccessDeniedException)")
    assert drain("queue") == []


def test_a_value_cannot_add_a_line_to_the_subject(send):
    takes_it(send)
    send.handler(asked(NOTICE | {"data": {"title": "Hi\r\nBcc: eve@example.net", "text": ""}}), None)
    assert stored().subject == "Hi Bcc: eve@example.net"


def test_a_value_with_markup_is_text_in_the_html(send):
    rendered = send.outbox.templates.render("notice", {"title": "Hi", "text": "<script>x</script>"})
    assert "&lt;script&gt;x&lt;/script&gt;" in rendered.html.replace("&#x2f;", "/")
    assert "<script>" not in rendered.html
    assert "<script>x</script>" in rendered.text
