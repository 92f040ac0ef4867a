import base64
import dataclasses
import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.stub import ANY

from lambdas.shared.messages import Happening, Messages, message_id
from lambdas.shared.recipients import Recipients, Suppression
from tests.integration.records import batch, bus_event, drain, reasons

NOTICE = {"to": "mia@example.org", "template": "notice", "data": {"title": "Hi & <bye>", "text": "<b>Text</b>"}}


@pytest.fixture
def send(sending, monkeypatch):
    module = sending("send")
    monkeypatch.setattr(module, "outbox", dataclasses.replace(module.outbox, sleep=lambda _: None))
    return module


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
    assert message.reason == "template 'notice': `text` is missing"


def test_an_unknown_template_fails_the_message_and_names_those_there_are(send):
    send.handler(asked(NOTICE | {"template": "nonesuch"}), None)
    assert stored().reason.startswith("there is no template 'nonesuch'; there are acknowledgement, ")


def test_a_request_that_does_not_fit_its_schema_is_dead_lettered(send):
    send.handler(asked({"to": "mia@example.org", "templat": "notice"}), None)
    assert reasons() == ["SendMail: detail must contain ['template'] properties"]


UNVERIFIED = "Email address is not verified. The following identities failed the check in region US-EAST-1: "


def test_in_the_sandbox_an_unverified_recipient_is_refused_for_good(send, heard):
    refuses(send, "MessageRejected", UNVERIFIED + "mia@example.org")
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().reason) == ("refused", f"SES refused it: {UNVERIFIED}mia@example.org")
    assert [(kind, event["state"]) for kind, event in heard()] == [("MailFailed", "refused")]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("MessageRejected", UNVERIFIED + "hello@acme.test"),
        ("NotFoundException", "Configuration set <set-t> does not exist."),
        ("MailFromDomainNotVerifiedException", "Not verified."),
    ],
)
def test_an_installation_that_is_not_ready_loses_no_mail(send, code, text):
    refuses(send, code, text)
    assert send.handler(asked(NOTICE), None) == {"batchItemFailures": [{"itemIdentifier": "record-0"}]}
    assert stored().state == "held"
    takes_it(send)
    send.handler(asked(NOTICE), None)
    assert stored().state == "sent"


@pytest.mark.parametrize(
    ("code", "text", "state"),
    [
        ("TooManyRequestsException", "Daily message quota exceeded.", "over quota"),
        ("SendingPausedException", "Sending paused.", "paused"),
        ("AccountSuspendedException", "Suspended.", "paused"),
        ("LimitExceededException", "Limit.", "over quota"),
    ],
)
def test_what_ses_cannot_take_now_goes_back_to_the_queue_and_out_later(send, code, text, state):
    refuses(send, code, text)
    answer = send.handler(asked(NOTICE), None)
    assert answer == {"batchItemFailures": []}
    assert (stored().state, stored().reason) == (state, f"SES takes no mail now: {text}")
    assert waiting("queue") == 1
    takes_it(send)
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().attempts) == ("sent", 2)


def test_a_throttled_mail_is_tried_again_at_once_under_the_same_claim(send):
    for _ in range(3):
        refuses(send, "TooManyRequestsException", "Maximum sending rate exceeded.")
    takes_it(send)
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().attempts) == ("sent", 1)


def test_a_mail_that_stays_throttled_goes_back_to_the_queue(send):
    for _ in range(4):
        refuses(send, "TooManyRequestsException", "Maximum sending rate exceeded.")
    send.handler(asked(NOTICE), None)
    assert (stored().state, waiting("queue")) == ("throttled", 1)


def waiting(name):
    sqs = boto3.client("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
    attributes = sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], AttributeNames=names)
    return sum(int(attributes["Attributes"][attribute]) for attribute in names)


def test_ses_out_of_reach_releases_the_message(send, monkeypatch):
    fails_with(send, monkeypatch, EndpointConnectionError(endpoint_url="https://ses"))
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().reason) == ("unreachable", "SES cannot be reached (EndpointConnectionError)")


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
    assert stored().state == "held"
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


def test_another_mail_with_the_same_key_is_refused(send):
    takes_it(send)
    send.handler(asked(NOTICE | {"idempotency_key": "k"}), None)
    send.handler(asked(NOTICE | {"idempotency_key": "k", "data": {"title": "Other", "text": ""}}, "event-2"), None)
    assert reasons() == ["another message was asked for with this idempotency key"]


def test_each_of_a_list_of_recipients_gets_a_mail_of_their_own(send):
    send.handler(asked(NOTICE | {"to": ["mia@example.org", "bo@example.net", "mia@example.org"]}), None)
    parts = drain("queue")
    assert [part["detail"]["to"] for part in parts] == ["mia@example.org", "bo@example.net"]
    for _ in range(2):
        takes_it(send)
    send.handler(batch(*parts, *parts), None)
    assert stored("event-1|mia@example.org").state == stored("event-1|bo@example.net").state == "sent"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"to": "mïa@example.org"}, "the part of an address before the @ must be ASCII: SES delivers to no other"),
        ({"to": f"mia@{'a' * 64}.example"}, "the part of an address after the @ is no domain"),
        ({"to": f"{'m' * 65}@example.org"}, "the address is longer than SMTP allows (RFC 5321)"),
        ({"send_at": "2020-01-01T00:00:00Z"}, "send_at has passed"),
        ({"send_at": "2036-01-01T00:00:00Z"}, "send_at is more than a year ahead"),
        ({"send_at": "2026-12-24"}, "send_at has no time zone: add Z, or an offset like +01:00"),
        ({"send_at": "tomorrow"}, "send_at is no time as ISO 8601 has it, like 2026-12-24T18:00:00Z"),
        (
            {"attachments": [{"filename": "a.txt", "content_type": "text/plain", "content": "%%"}]},
            "a.txt: its content is not base64",
        ),
        (
            {"attachments": [{"filename": "a", "content_type": "a/b", "s3": {"bucket": "foreign", "key": "k"}}]},
            "a: the setting attachment_buckets does not name its bucket",
        ),
        (
            {"attachments": [{"filename": "a", "content_type": "a/b", "s3": {"bucket": "shop-files", "key": "k"}}]},
            "a: there is no such object, or we may not read it",
        ),
    ],
)
def test_what_cannot_be_sent_fails_with_what_to_change_and_tells_the_application(send, heard, change, reason):
    send.handler(asked(NOTICE | change), None)
    assert (stored().state, stored().reason) == ("failed", reason)
    [(kind, event)] = heard()
    assert (kind, event["state"], event["reason"]) == ("MailFailed", "failed", reason)
    send.handler(asked(NOTICE | change), None)
    assert heard() == []


def test_a_domain_that_is_not_ascii_is_sent_to_in_punycode(send):
    takes_it(send)
    send.handler(asked(NOTICE | {"to": "mia@bücher.example"}), None)
    assert stored().recipient == "mia@xn--bcher-kva.example"


def test_files_go_along_from_the_request_and_from_an_allowed_bucket(send):
    boto3.client("s3").put_object(Bucket="shop-files", Key="bill.pdf", Body=b"%PDF")
    files = [
        {"filename": "note.txt", "content_type": "text/plain", "content": base64.b64encode(b"Hi").decode()},
        {"filename": "bill.pdf", "content_type": "application/pdf", "s3": {"bucket": "shop-files", "key": "bill.pdf"}},
    ]
    body = {
        "Subject": ANY,
        "Body": ANY,
        "Headers": [],
        "Attachments": [
            {"FileName": "note.txt", "ContentType": "text/plain", "RawContent": b"Hi"},
            {"FileName": "bill.pdf", "ContentType": "application/pdf", "RawContent": b"%PDF"},
        ],
    }
    names = ("FromEmailAddress", "Destination", "ReplyToAddresses", "ConfigurationSetName", "EmailTags")
    expected = dict.fromkeys(names, ANY) | {"Content": {"Simple": body}}
    send.ses.add_response("send_email", {"MessageId": "ses-1"}, expected)
    send.handler(asked(NOTICE | {"attachments": files}), None)
    assert stored().state == "sent"


def test_files_that_are_too_large_together_fail_the_message(send):
    boto3.client("s3").put_object(Bucket="shop-files", Key="big", Body=bytes(15 * 1024 * 1024))
    big = {"filename": "big", "content_type": "a/b", "s3": {"bucket": "shop-files", "key": "big"}}
    send.handler(asked(NOTICE | {"attachments": [big, big]}), None)
    assert stored().reason == "big: larger than 28 MB with the others"


def soon(**by):
    return (datetime.now(UTC) + timedelta(**by)).isoformat()


def test_a_mail_for_later_waits_in_a_schedule_with_its_files(send, monkeypatch):
    note = {"filename": "n.txt", "content_type": "text/plain", "content": base64.b64encode(b"Hi").decode()}
    later = NOTICE | {"send_at": soon(hours=1), "attachments": [note]}
    send.handler(asked(later), None)
    send.handler(asked(later), None)
    assert stored().state == "scheduled"
    schedule = boto3.client("scheduler").get_schedule(Name=message_id("event-1"), GroupName="mailroom")
    assert schedule["ActionAfterCompletion"] == "DELETE"
    due = json.loads(schedule["Target"]["Input"])
    assert due["detail"]["attachments"][0]["s3"] == {"bucket": "mail", "key": f"outgoing/{message_id('event-1')}/0"}
    send.handler(batch(due), None)
    assert (stored().state, waiting("queue")) == ("scheduled", 0)
    move_clock(send, monkeypatch, hours=1)
    takes_it(send)
    send.handler(batch(due), None)
    assert (stored().state, stored().attempts) == ("sent", 2)


def test_a_mail_for_within_the_minute_goes_at_once(send):
    takes_it(send)
    send.handler(asked(NOTICE | {"send_at": soon(seconds=20)}), None)
    assert stored().state == "sent"


def test_a_cancelled_mail_does_not_go_out_when_it_is_due(send, monkeypatch):
    send.handler(asked(NOTICE | {"send_at": soon(hours=1)}), None)
    due = json.loads(
        boto3.client("scheduler").get_schedule(Name=message_id("event-1"), GroupName="mailroom")["Target"]["Input"]
    )
    send.outbox.cancel(message_id("event-1"))
    move_clock(send, monkeypatch, hours=1)
    send.handler(batch(due), None)
    assert stored().state == "cancelled"
    assert boto3.client("scheduler").list_schedules()["Schedules"] == []


def test_a_suppressed_message_is_told_to_the_application_once(send, heard):
    suppress("mia@example.org", "all")
    send.handler(asked(NOTICE), None)
    send.handler(asked(NOTICE), None)
    assert [(kind, event["state"]) for kind, event in heard()] == [("MailFailed", "suppressed")]


def test_a_failure_that_could_not_be_told_is_told_by_the_next_delivery(send, heard, monkeypatch):
    def broken(*_):
        raise RuntimeError("the bus is out of reach")

    suppress("mia@example.org", "all")
    with monkeypatch.context() as once:
        once.setattr(send, "outbox", dataclasses.replace(send.outbox, emit=broken))
        assert send.handler(asked(NOTICE), None)["batchItemFailures"]
    send.handler(asked(NOTICE), None)
    assert [kind for kind, _ in heard()] == ["MailFailed"]
